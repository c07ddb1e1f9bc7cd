"""The follow-up: who is asked what and when, and what they answer (docs/design/followup.md)."""
