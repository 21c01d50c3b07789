"""Workbooks: what hospitals write in spreadsheets, turned into calls to `compliance`."""
