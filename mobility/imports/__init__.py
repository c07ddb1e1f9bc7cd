"""Moving in from spreadsheets: read, columns matched, checked cell by cell, entered as one, undone as one."""
