"""What runs Tradewind on a machine: database schema, the local stack, the demo company."""
