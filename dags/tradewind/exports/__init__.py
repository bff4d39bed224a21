"""Report types as contracts: what a file is, and how to read it."""
