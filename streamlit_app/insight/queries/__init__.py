"""What the pages ask of the warehouse: one function a question, plain rows as the answer."""
