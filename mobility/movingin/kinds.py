"""The sheet of running exchanges: its columns, and the states in which one arrives. Pure."""

from mobility.exchanges.states import AGREED, COMPLETED, IN_PROGRESS
from mobility.spreadsheets import cells, values
from mobility.spreadsheets.columns import Column, Kind
from mobility.vouchers.states import APPROVED, DRAFT, ISSUED, PAID, REQUESTED

NONE = "none"  # self-funded
GRANTED = frozenset({APPROVED, ISSUED, PAID})
STATES = {AGREED: "Agreed", IN_PROGRESS: "On its way", COMPLETED: "Completed"}
VOUCHERS = {
    NONE: "None, self-funded",
    DRAFT: "Not requested yet",
    REQUESTED: "Requested",
    APPROVED: "Approved",
    ISSUED: "Issued",
    PAID: "Paid",
}
POSSIBLE = {AGREED: (NONE, DRAFT, REQUESTED, APPROVED, ISSUED), IN_PROGRESS: (NONE, ISSUED), COMPLETED: (NONE, ISSUED, PAID)}
_DAY = "Year-month-day, such as 2027-03-31."


def states() -> dict[str, str]:
    return STATES


def vouchers() -> dict[str, str]:
    return VOUCHERS


def _days(*wanted: tuple[str, str, str, str, bool]) -> tuple[Column, ...]:
    return tuple(
        Column(key, label, f"{help_} {_DAY}".strip(), cells.day, needed=needed, names=names)
        for key, label, help_, names, needed in wanted
    )


EXCHANGES = Kind(
    "exchanges",
    "Exchanges",
    "exchange",
    (
        Column(
            "number",
            "Your number",
            "As you call the case; its history keeps it.",
            values.name,
            names="reference, case, file number, aktenzeichen, nr, id",
            example="MOB-2026-014",
        ),
        Column(
            "host",
            "Host organisation",
            "Its name as it is here.",
            cells.line,
            needed=True,
            names="host, gastgeber",
            example="Mur Cluster",
        ),
        Column(
            "theme",
            "Theme",
            "The title of a theme of this host that is here. Move in the themes first.",
            cells.line,
            needed=True,
            names="title, thema, topic",
            example="Funding cluster services after the grant ends",
        ),
        Column(
            "organisation",
            "Guest organisation",
            "Its name as it is here.",
            cells.line,
            needed=True,
            names="organisation, organization, home organisation, guest institution",
            example="Cluster Norte",
        ),
        Column(
            "guest",
            "Guest's e-mail",
            "Of the guest's account here, who acts for the guest organisation.",
            values.address,
            needed=True,
            names="guest, guest email, e mail, email, mail",
            example="ana.kovac@example.org",
        ),
        Column(
            "others",
            "Others who travel",
            "Up to two, separated by semicolons: Jan Novak <jan@example.org>",
            cells.line,
            names="delegates, delegation, other guests, with",
            example="Jan Novak <jan@example.org>",
        ),
        Column(
            "level",
            "Level",
            "Of those who travel. Empty: as the guest's account has it.",
            values.one_of(values.levels),
            names="stufe",
            allowed=values.levels,
            example="Cluster manager",
        ),
        *_days(
            ("first_day", "First day", "Of the stay.", "from, start, start date, von", True),
            ("last_day", "Last day", "Of the stay, as it was if it is over.", "to, end, end date, until, bis", True),
        ),
        Column(
            "state",
            "State",
            "Completed: the host has confirmed who came.",
            values.one_of(states),
            needed=True,
            names="status, stand",
            allowed=states,
            example="Agreed",
        ),
        *_days(("agreed_on", "Agreed on", "When both sides had signed.", "signed on, agreement date", True)),
        Column(
            "objectives",
            "Objectives",
            "What the guest comes for: up to five, one on each line of the cell.",
            values.up_to(2000),
            names="goals, objective, ziele",
        ),
        Column(
            "voucher",
            "Voucher",
            "How far it has come. Issued goes with every state, Paid with Completed; the others only with Agreed.",
            values.one_of(vouchers),
            needed=True,
            names="voucher state, grant, gutschein",
            allowed=vouchers,
            example="Issued",
        ),
        Column(
            "call",
            "Call",
            "Whose budget pays. Empty if the programme has one call only.",
            cells.line,
            names="intake, budget, aufruf",
            example="Call 2026",
        ),
        Column(
            "amount",
            "Amount",
            "As it was granted, or asked for. It is taken over as it is.",
            cells.text,
            names="granted, grant amount, sum, betrag",
            example="1200.00",
        ),
        *_days(
            ("asked_on", "Requested on", "Empty: when it was agreed.", "requested, asked on, application date", False),
            ("granted_on", "Granted on", "Needed once it was approved.", "approved on, decided on, decision date", False),
            ("valid_until", "Valid until", "Of an issued voucher.", "expires, expiry, valid to", False),
            ("paid_on", "Paid on", "Needed if it is paid: the bank's day.", "payment date, paid", False),
        ),
        Column(
            "paid_amount",
            "Paid amount",
            "Empty: as it was granted.",
            cells.text,
            names="amount paid",
            example="1200.00",
        ),
        Column(
            "payment",
            "Payment reference",
            "Needed if it is paid: as the bank statement has it. Each once.",
            values.name,
            names="transaction, bank reference, end to end id",
            example="2026-0815",
        ),
    ),
    "exchange, running exchanges, stays, mobilities, vouchers, cases",
)
