"""Experts: who agrees to be asked as reviewer or mentor, and the mentorings that come of it (docs/design/followup.md)."""
