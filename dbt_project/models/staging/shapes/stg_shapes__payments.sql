{{ shape_rows('payments') }}
