"""Whom to turn to about a theme or a programme."""
