"""What both sides of an exchange allow to be told of it: their last word, wherever they said it (docs/design/followup.md)."""
