"""One's own data as a file; erasing a person; how long what is kept."""
