"""What leaves as a page, a workbook, a PDF or an archive: pure functions of a canonical document."""
