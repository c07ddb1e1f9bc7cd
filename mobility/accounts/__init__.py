"""Signing in, mailed links, invitations, and the administrator's pages."""
