"""Payments: validated claims are collected in batches, approved by another pair of eyes, and sent to the bank (money.md)."""
