"""Applications: a guest's wish to come to a theme, up to the match."""
