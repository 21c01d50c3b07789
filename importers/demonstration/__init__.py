"""A fictional demonstration, through the product’s own path."""
