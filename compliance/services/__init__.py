"""Verbs over the tables: they take values, return values and raise named errors; no request in sight."""
