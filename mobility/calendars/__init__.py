"""A private address to which somebody's own calendar subscribes."""
