"""The user’s own file back, with its remarks in its cells."""
