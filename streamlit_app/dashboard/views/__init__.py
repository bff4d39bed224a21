"""One module a page: its sentences, charts and tables, in the order they are read."""
