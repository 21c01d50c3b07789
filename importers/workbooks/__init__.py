"""One file per workbook of the kit; none knows another."""
