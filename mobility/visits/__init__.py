"""Visits: the acts that move an exchange and its voucher together (workflows.md, "One act, one click")."""
