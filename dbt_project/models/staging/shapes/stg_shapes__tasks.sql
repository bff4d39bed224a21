{{ shape_rows('tasks') }}
