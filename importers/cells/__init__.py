"""From a cell as typed to a value: the normalisation table."""
