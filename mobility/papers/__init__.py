"""Pages of PDFs and codes."""
