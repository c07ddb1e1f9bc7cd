"""Lists one can take away: what is said of each row, and the files of it."""
