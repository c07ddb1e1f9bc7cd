"""What is printed on each paper: frozen values, already chosen by the caller. No database, no Flask, no rules.

Text may be anything a person typed (markup, control characters, any script): `documents.text` makes it printable.
Amounts are `Decimal` with two places; days are dates in the programme's timezone.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Delegate:
    """A travelling guest and the level they belong to, e.g. "Cluster manager" (P6)."""

    name: str
    level: str


@dataclass(frozen=True)
class PaperLine:
    """One line of a computed amount, with the rule that gave it (money.md)."""

    label: str
    quantity: Decimal
    unit: str
    unit_amount: Decimal
    amount: Decimal
    rule: str


@dataclass(frozen=True)
class VoucherPaper:
    """A voucher as its holder carries it, with `kind` in words ("Mobility voucher") and `code` in groups.

    A knowledge voucher leaves out what only a stay has: theme, delegation, first and last day. It has a need and the agreed price
    instead; `place` is what the other side is called. `own_share` is what the holder pays of the price, where the rates pay a
    share of it (P17): then a mobility voucher has a price, too.
    """

    reference: str
    code: str
    verify_url: str
    programme: str
    call: str
    kind: str
    holder_name: str
    holder_organisation: str
    host_organisation: str
    theme: str
    delegation: tuple[Delegate, ...]
    first_day: date | None
    last_day: date | None
    valid_from: date
    valid_until: date
    lines: tuple[PaperLine, ...]
    total: Decimal
    currency: str
    locale: str  # in whose notation amounts are printed
    issued_on: date
    how_to_use: tuple[str, ...]
    contact: str
    place: str = "Host"
    need: str = ""
    price: Decimal | None = None
    own_share: Decimal | None = None


@dataclass(frozen=True)
class CertificatePaper:
    """What the host confirmed: who was there, and from which day to which; both days count (money.md)."""

    reference: str
    code: str
    verify_url: str
    guests: tuple[str, ...]
    guest_organisation: str
    host_organisation: str
    theme: str
    programme: str
    first_day: date
    last_day: date
    days: int
    confirmed_by: str
    confirmed_on: date


@dataclass(frozen=True)
class AgendaDay:
    """What the two sides do on one day of the stay."""

    day: date
    plan: str


@dataclass(frozen=True)
class Contact:
    """Whom to call; `side` as printed, e.g. "Host" or "Guest"."""

    side: str
    name: str
    email: str
    phone: str = ""


@dataclass(frozen=True)
class PaperSignature:
    """One side's signature on this version; without `signed_on` it is still missing."""

    side: str
    organisation: str
    name: str = ""
    signed_on: date | None = None
    endorses: bool = False
    """Not of a side: the home organisation's yes, which the version in force needs before the stay."""


@dataclass(frozen=True)
class AgreementPaper:
    """One version of the agreement of both sides (P4, P5), in force once both signed it (workflows.md)."""

    reference: str
    version: int
    written_on: date
    programme: str
    theme: str
    host_organisation: str
    guest_organisation: str
    delegation: tuple[Delegate, ...]
    first_day: date
    last_day: date
    objectives: tuple[str, ...]
    host_benefit: tuple[str, ...]
    guest_benefit: tuple[str, ...]
    agenda: tuple[AgendaDay, ...]
    contacts: tuple[Contact, ...]
    signatures: tuple[PaperSignature, ...]
    payment: str = ""
    """How the stay is paid, as this version says."""
    confirms_later: str = ""
    """Who at the guest organisation can confirm what is in use."""


@dataclass(frozen=True)
class ReviewFigure:
    """`shown` and `n` as the reader writes them; `percent` as a whole number, -1 of what is none."""

    name: str
    shown: str
    n: str
    says: str
    marked: bool
    percent: int


@dataclass(frozen=True)
class ReviewSection:
    title: str
    lead: str
    figures: tuple[ReviewFigure, ...]


@dataclass(frozen=True)
class ReviewTable:
    """All cells as texts, as many in each row as in the header."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ReviewPaper:
    """What came of a call, or of a programme: every figure with its definition."""

    programme: str
    scope: str
    as_of: date
    audience: str
    sections: tuple[ReviewSection, ...]
    tables: tuple[ReviewTable, ...]
    locale: str


@dataclass(frozen=True)
class Shown:
    """A picture (a JPEG) and what it shows."""

    content: bytes
    alt: str


@dataclass(frozen=True)
class StoryPaper:
    """A published success story: its chapters as (heading, text), its figures as (number, what it counts).

    `guest` and `host` are as both sides allow them to be told: with their names, or by kind and country.
    """

    title: str
    programme: str
    guest: str
    host: str
    first_day: date
    last_day: date
    published_on: date
    address: str
    version: int
    figures: tuple[tuple[str, str], ...]
    chapters: tuple[tuple[str, str], ...]
    pictures: tuple[Shown, ...] = ()
    sides: tuple[str, str] = ("Guest", "Host")
    when: str = "Visit"
