"""Memberships: who plays which role where, invitations."""
