"""What a programme comes to: its rows as facts, and its reviews as they are kept (followup.md)."""
