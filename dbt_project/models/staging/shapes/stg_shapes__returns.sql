{{ shape_rows('returns') }}
