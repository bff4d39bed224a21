{{ shape_rows('tickets') }}
