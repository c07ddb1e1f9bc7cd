"""What a process says of itself, and what it endures: the log, known faults, patience with the database."""
