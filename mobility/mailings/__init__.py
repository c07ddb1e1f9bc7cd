"""Mail to the people of a list."""
