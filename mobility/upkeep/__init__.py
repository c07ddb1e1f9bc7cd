"""What an operator sees: runs of the jobs, backups, what is wrong, health and metrics."""
