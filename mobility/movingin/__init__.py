"""Exchanges that have begun elsewhere, with their vouchers: checked row by row, taken over as they are, undone in plain sight."""
