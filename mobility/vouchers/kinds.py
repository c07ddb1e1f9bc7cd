"""The kinds of voucher. Pure, without any import of ours: every feature may ask what a kind is like."""

MOBILITY, KNOWLEDGE = "mobility", "knowledge"

KINDS = {MOBILITY: "Mobility vouchers", KNOWLEDGE: "Knowledge vouchers"}
IN_ADDRESSES = f"<any({', '.join(KINDS)}):kind>"
