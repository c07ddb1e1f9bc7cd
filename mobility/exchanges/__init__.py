"""Exchanges: applications to a theme, the agreement of host and guest, and the stay itself."""
