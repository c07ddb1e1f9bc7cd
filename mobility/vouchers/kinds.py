"""The kinds of voucher, each a set of traits. Pure, without any import of ours: every feature may ask what a kind is like.

No other file depends on the name of a kind: pages, rules and mails ask for a trait, and pass the key on as it stands in rows,
addresses and forms. Two kinds ship; more become rows of a table that owners edit, so nothing may count on these two.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Words:
    """What pages, papers and reminders say of a kind.

    The claim has a button that leads to it (`claim_open`), a page (`claim_title`) and a button that sends it (`claim_send`).
    `reminders`: a promise's name -> (what those who owe it are asked, the same in the eyes of others), with {guest} and {host}
    for the two sides; promises that are not in it are asked for in the words that hold for every kind. `states`: the name of a
    state -> what pages call it; others are called as the workflow says.
    """

    holder: str
    """What others call the holder."""
    hand_over: str
    """When the holder gives the code to {counterpart}."""
    how_to_use: tuple[str, ...]
    redeemed: str
    """To whoever has redeemed it."""
    claim_open: str
    claim_title: str
    claim_send: str
    claimed: str
    """What was sent."""
    claimed_by: str
    """What the claimed amount follows from."""
    evidence: str
    evidence_help: str
    evidence_missing: str
    reminders: Mapping[str, tuple[str, str]]
    states: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What differs between vouchers. Who acts (`confirms`, `claims`) is said by the value of an Actor.

    `counterpart` is the other side, which redeems: the name of the voucher's relationship with it, and the word for it.
    `rests_on` is what gives the amount: an agreed stay, or a need with its price. `paid` is the holder, who may leave the money
    to their organisation, or the provider. `claimed_with` is the evidence wanted: a report with files that show the stay, which
    the scheme `light` does without, or an invoice, which it does not. `declarations` are what the holder confirms with the
    request, key -> words.
    """

    key: str
    label: str
    plural: str
    counterpart: Literal["host", "provider"]
    rests_on: Literal["stay", "price"]
    confirms: Literal["host coordinator", "holder"]
    claims: Literal["holder", "provider"]
    paid: Literal["holder", "provider"]
    claimed_with: Literal["report", "invoice"]
    declarations: Mapping[str, str]
    words: Words

    @property
    def with_article(self) -> str:
        """A knowledge voucher, an equipment voucher."""
        return f"{'an' if self.label[0].lower() in 'aeiou' else 'a'} {self.label.lower()}"

    @property
    def rests_on_stay(self) -> bool:
        """There is an exchange with its agreement, its signatures and its confirmation of attendance."""
        return self.rests_on == "stay"

    @property
    def rests_on_price(self) -> bool:
        """The holder describes a need and chooses a provider; both declare what links them."""
        return self.rests_on == "price"

    @property
    def by_invoice(self) -> bool:
        """The claim is an invoice, not a report."""
        return self.claimed_with == "invoice"

    @property
    def pays_holder(self) -> bool:
        """The money goes to the holder, or where they choose so to their organisation."""
        return self.paid == "holder"


MOBILITY, KNOWLEDGE = "mobility", "knowledge"
DEFAULT = MOBILITY  # the kind where none is said

KINDS: Mapping[str, Kind] = {
    MOBILITY: Kind(
        key=MOBILITY,
        label="Mobility voucher",
        plural="Mobility vouchers",
        counterpart="host",
        rests_on="stay",
        confirms="host coordinator",
        claims="holder",
        paid="holder",
        claimed_with="report",
        declarations=MappingProxyType(
            {
                "paid_once": "Nobody else pays me for the same costs.",
                "correct": "What I have stated here and in the agreement is correct.",
                "report": "I will report after the visit, and say at once if it cannot take place.",
            }
        ),
        words=Words(
            holder="guest",
            hand_over="Show it to your host when you arrive.",
            how_to_use=(
                "Show this page to your host on the first day. The host scans the QR code, or types the code, to check you in.",
                "Keep the code to yourself until then: it works once.",
                "After the visit the host confirms your attendance, and you report. Then you are paid.",
            ),
            redeemed="The voucher is redeemed and your guest is checked in. Confirm the attendance when the visit is over.",
            claim_open="Report and claim",
            claim_title="Report and claim",
            claim_send="Send report and claim",
            claimed="Report",
            claimed_by="days of the stay",
            evidence="Evidence",
            evidence_help="At least one file that shows you were there, such as a boarding pass or a hotel invoice.",
            evidence_missing="Add at least one file, such as a boarding pass or an invoice.",
            reminders=MappingProxyType({}),
            states=MappingProxyType({"delivered": "Attended"}),
        ),
    ),
    KNOWLEDGE: Kind(
        key=KNOWLEDGE,
        label="Knowledge voucher",
        plural="Knowledge vouchers",
        counterpart="provider",
        rests_on="price",
        confirms="holder",
        claims="provider",
        paid="provider",
        claimed_with="invoice",
        declarations=MappingProxyType(
            {
                "paid_once": "Nobody else pays for the same costs.",
                "correct": "What I have stated here is correct, and the price is the one agreed with the provider.",
                "report": "I will confirm what I received, and say at once if nothing comes of it.",
            }
        ),
        words=Words(
            holder="holder",
            hand_over="Give it to {counterpart} when you order.",
            how_to_use=(
                "Give this page to the provider when you order. The provider scans the QR code, or types the code.",
                "Keep the code to yourself until then: it works once.",
                "Once you have what you ordered, you confirm it; the provider cannot. Then the provider claims the amount on "
                "this page from the programme.",
            ),
            redeemed="The voucher is redeemed. Its holder confirms what you delivered; then you can claim the amount.",
            claim_open="Send it",
            claim_title="Send your invoice",
            claim_send="Send the invoice",
            claimed="Invoice",
            claimed_by="invoice",
            evidence="The invoice as a file",
            evidence_help="",
            evidence_missing="Add the invoice as a PDF, PNG or JPEG file.",
            reminders=MappingProxyType(
                {
                    "service": ("Confirm what you received from {host}", "Confirm what {guest} received from {host}"),
                    "claim": ("Claim the amount of the voucher of {guest}", "Claim the amount of the voucher of {guest}"),
                    "payment": ("Pay the claim of {host}", "Pay the claim of {host}"),
                }
            ),
            states=MappingProxyType({}),
        ),
    ),
}


def kind_of(key: str) -> Kind:
    """The kind that goes by this key in rows, addresses and forms. Raises KeyError for one that is unknown."""
    return KINDS[key]


def keys_of(trait: Callable[[Kind], bool]) -> list[str]:
    """The keys of the kinds that have a trait, for conditions in SQL."""
    return [key for key, kind in KINDS.items() if trait(kind)]
