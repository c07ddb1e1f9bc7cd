"""Calls and amounts of money that stand wrong, corrected with a reason."""
