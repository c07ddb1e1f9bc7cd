"""Papers as the demo might print them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from mobility.documents.papers import (
    AgendaDay,
    AgreementPaper,
    CertificatePaper,
    Contact,
    Delegate,
    PaperLine,
    PaperSignature,
    VoucherPaper,
)

CODE = "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"
VERIFY_URL = f"https://mobility.example/check/{CODE}"
DELEGATION = (
    Delegate("Zuzana Nováková", "Cluster manager"),
    Delegate("Георги Иванов", "Policy maker"),
    Delegate("Ελένη Παπαδοπούλου", "Cluster member"),
)

VOUCHER = VoucherPaper(
    reference="MV-2027-0042",
    code=CODE,
    verify_url=VERIFY_URL,
    programme="Danube Cluster Mobility",
    call="Spring call 2027",
    kind="Mobility voucher",
    holder_name="Zuzana Nováková",
    holder_organisation="Košice IT Valley",
    host_organisation="Baden Packaging Cluster",
    theme="Funding the services of a cluster without public money",
    delegation=DELEGATION,
    first_day=date(2027, 3, 30),
    last_day=date(2027, 4, 3),
    valid_from=date(2026, 12, 1),
    valid_until=date(2027, 11, 30),
    lines=(
        PaperLine("Travel", Decimal(1), "trip", Decimal("417.00"), Decimal("417.00"), "Distance band, green"),
        PaperLine("Stay", Decimal("5.00"), "days", Decimal("120.00"), Decimal("600.00"), "Day rate"),
        PaperLine("Cap", Decimal(1), "", Decimal("-17.00"), Decimal("-17.00"), "At most 1,000.00 in all"),
    ),
    total=Decimal("1000.00"),
    currency="EUR",
    locale="en_GB",
    issued_on=date(2026, 12, 1),
    how_to_use=("Bring this page to your host on the first day.", "Send your report within 30 days."),
    contact="mobility@danube.example",
)

# Travel, days and 60 % of a price of 4,000.00: the programme pays more than its share of the price (money.md, P17).
CO_FUNDED = replace(
    VOUCHER,
    lines=(
        *VOUCHER.lines[:2],
        PaperLine("Share of the price", Decimal(60), "%", Decimal("4000.00"), Decimal("2400.00"), "60 % of the agreed price"),
    ),
    total=Decimal("3417.00"),
    price=Decimal("4000.00"),
    own_share=Decimal("1600.00"),
)

CERTIFICATE = CertificatePaper(
    reference="CA-2027-0042",
    code=CODE,
    verify_url=VERIFY_URL,
    guests=tuple(delegate.name for delegate in DELEGATION),
    guest_organisation="Košice IT Valley",
    host_organisation="Baden Packaging Cluster",
    theme="Funding the services of a cluster without public money",
    programme="Danube Cluster Mobility",
    first_day=date(2027, 3, 3),
    last_day=date(2027, 3, 7),
    days=5,
    confirmed_by="Dr. Katharina Groß",
    confirmed_on=date(2027, 3, 9),
)

AGREEMENT = AgreementPaper(
    reference="EX-2027-0042",
    version=2,
    written_on=date(2027, 2, 3),
    programme="Danube Cluster Mobility",
    theme="Funding the services of a cluster without public money",
    host_organisation="Baden Packaging Cluster",
    guest_organisation="Košice IT Valley",
    delegation=DELEGATION,
    first_day=date(2027, 3, 3),
    last_day=date(2027, 3, 4),
    objectives=("Learn how the host pays for its services.", "Bring home a fee model."),
    host_benefit=("An honest look from outside.",),
    guest_benefit=("A fee model with figures.",),
    agenda=(AgendaDay(date(2027, 3, 3), "Arrival and welcome."), AgendaDay(date(2027, 3, 4), "Workshop on fees.")),
    contacts=(
        Contact("Host", "Dr. Katharina Groß", "k.gross@packaging.example", "+49 7221 555 010"),
        Contact("Guest", "Zuzana Nováková", "zuzana@kosice.example"),
    ),
    signatures=(
        PaperSignature("Host", "Baden Packaging Cluster", "Dr. Katharina Groß", date(2027, 2, 5)),
        PaperSignature("Guest", "Košice IT Valley"),
    ),
)
