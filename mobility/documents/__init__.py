"""Papers people can carry: PDFs, QR codes, voucher codes and calendar files, as pure functions that know no feature."""
