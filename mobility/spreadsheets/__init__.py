"""Spreadsheets as people hand them in: XLSX, ODS and CSV, read cell by cell within limits. Pure."""
