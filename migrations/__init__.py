"""Schema of the database, numbered, run with the owner's connection."""
