"""Notifications: the outbox and its delivery over SMTP."""
