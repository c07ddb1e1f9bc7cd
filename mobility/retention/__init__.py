"""How long what is kept: classes of data, each with its period; first a report, then the act."""
