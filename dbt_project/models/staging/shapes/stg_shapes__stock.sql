{{ shape_rows('stock') }}
