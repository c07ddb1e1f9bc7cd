"""Themes: what a host offers to share; hosting windows; the public catalogue."""
