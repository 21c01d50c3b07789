"""What the programme asks, as data: one folder per domain, one file per version, read by a strict loader."""
