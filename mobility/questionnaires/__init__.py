"""Questionnaires as data: their items, the standard set, and how owners edit them (docs/design/followup.md)."""
