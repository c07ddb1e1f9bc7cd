"""Vouchers: the right to a grant, from request to redemption."""
