"""Programmes: who funds, with its rules; calls, rate cards, budget lines and their ledger."""
