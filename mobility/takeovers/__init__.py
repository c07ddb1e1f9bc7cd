"""Take-overs: what guests bring home and put to use, until it is in use or dropped (docs/design/followup.md)."""
