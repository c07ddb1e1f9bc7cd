"""Related parties, the providers' shares, flags."""
