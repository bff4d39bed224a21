{{ shape_rows('ads') }}
