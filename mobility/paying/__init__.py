"""The account a programme pays from: proposed by one person, confirmed by another, in use a day later (issue 13)."""
