"""Asking for a knowledge voucher."""
