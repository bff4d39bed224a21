{{ shape_rows('reviews') }}
