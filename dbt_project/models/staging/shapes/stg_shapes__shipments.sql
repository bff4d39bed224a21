{{ shape_rows('shipments') }}
