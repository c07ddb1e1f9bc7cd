"""Claims stand on a voucher's whole case."""

from tests.integration.vouchers.conftest import full as full
from tests.integration.vouchers.conftest import light as light
