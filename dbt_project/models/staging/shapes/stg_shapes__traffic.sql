{{ shape_rows('traffic') }}
