"""The workbook in a notebook."""
