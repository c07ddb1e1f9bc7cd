"""Lessons of a call: what to keep, to change and to stop, with which its review is closed (docs/design/followup.md, P18)."""
