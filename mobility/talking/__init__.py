"""What people write to each other about a theme, an application, an exchange, a voucher."""
