"""What a holder asks for with a voucher and declares, and what the programme confirms of it."""
