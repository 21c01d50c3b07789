"""Which sheet is which, and which column is which."""
