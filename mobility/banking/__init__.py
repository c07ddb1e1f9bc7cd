"""Banking: the accounts that people and organisations are paid to; checked when entered, masked when shown (money.md)."""
