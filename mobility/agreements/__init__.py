"""What an agreement is made of: numbered lines of objectives and benefits."""
