"""The edge of every page: guard, sign-in, errors, headers, health."""
