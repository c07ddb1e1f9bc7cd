"""People: users, organisations, memberships, signing in."""
