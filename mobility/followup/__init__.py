"""The follow-up: questionnaires as data, requests for answers, and the answers (docs/design/followup.md)."""
