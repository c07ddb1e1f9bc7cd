"""An organisation's own key figures: where it starts, where it wants to be, and how far it is (docs/design/followup.md)."""
