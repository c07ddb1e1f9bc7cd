"""How long data is kept: classes of data, each with its period; first a report, then the act."""
