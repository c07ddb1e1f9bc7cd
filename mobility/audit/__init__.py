"""The audit log: acts outside workflows, whose own trace is the history."""
