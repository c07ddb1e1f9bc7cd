"""A programme copied for the next year."""
