"""The states of a voucher, by the names that rows and addresses have for them. Pure."""

DRAFT, REQUESTED, RETURNED, RECOMMENDED = "draft", "requested", "returned", "recommended"
APPROVED, REJECTED, ISSUED, REDEEMED = "approved", "rejected", "issued", "redeemed"
DELIVERED, CLAIMED, VALIDATED, PAID = "delivered", "claimed", "validated", "paid"
EXPIRED, LAPSED, WITHDRAWN, REVOKED, RECOVERED = "expired", "lapsed", "withdrawn", "revoked", "recovered"

WITHDRAWABLE = frozenset({DRAFT, REQUESTED, RETURNED, RECOMMENDED, APPROVED, ISSUED})
OPEN = frozenset({DRAFT, REQUESTED, RETURNED, RECOMMENDED, APPROVED, ISSUED, REDEEMED, DELIVERED, CLAIMED, VALIDATED})
COMMITTED_STATES = frozenset({APPROVED, ISSUED, REDEEMED, DELIVERED, CLAIMED, VALIDATED})
