"""Joining: somebody registers, and asks to join an organisation or to have a new one checked (docs/decisions/0033-joining.md)."""
