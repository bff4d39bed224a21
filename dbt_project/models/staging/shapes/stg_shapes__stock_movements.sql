{{ shape_rows('stock_movements') }}
