"""What a file is, and its cells as typed: nothing of the product is known to the processes that open it."""
