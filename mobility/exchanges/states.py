"""The states of an exchange, by name."""

PLANNING, AGREED, IN_PROGRESS, COMPLETED = "planning", "agreed", "in_progress", "completed"
CLOSED, CANCELLED = "closed", "cancelled"
ENDED = frozenset({"rejected", "expired", "lapsed", "withdrawn", "revoked"})  # a voucher that nothing comes of
RUNNING = frozenset({PLANNING, AGREED, IN_PROGRESS})
TOOK_PLACE = frozenset({COMPLETED, CLOSED})
