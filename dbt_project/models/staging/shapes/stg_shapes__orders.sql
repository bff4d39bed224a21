{{ shape_rows('orders') }}
