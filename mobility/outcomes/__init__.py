"""What came of it: figures, reviews, exports and public snapshots (followup.md)."""
