"""Budget lines: pages, forecast, and the ledger's check."""
