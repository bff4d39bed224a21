{{ shape_rows('disputes') }}
