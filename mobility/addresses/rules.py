"""How long a change of address can be confirmed, and stopped. Pure."""

from datetime import timedelta

CONFIRM_LASTS = timedelta(hours=48)
STOP_LASTS = timedelta(days=7)  # after asking, and again after it has been confirmed
