"""What only the administrator does: organisations, accounts."""
