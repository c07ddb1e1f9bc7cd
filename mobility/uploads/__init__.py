"""What people hand in: one way for every feature that takes files, from the limits to the answer that hands a file out again."""
