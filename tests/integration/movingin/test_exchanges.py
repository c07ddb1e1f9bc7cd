"""Exchanges that have begun elsewhere: taken over as they are, with their money; seen before, undone in plain sight."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility import jobs
from mobility.budgets.checks import check_ledger
from mobility.core.database import db, transaction
from mobility.exchanges.models import Exchange
from mobility.findings.reading import Reading
from mobility.followup import queries as followup_queries
from mobility.imports.models import Import
from mobility.notifications.models import OutboxMessage
from mobility.payments import operations as payments
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.programmes import operations as programmes
from mobility.programmes.models import BudgetLine, LedgerEntry, Programme
from mobility.questionnaires.operations import furnish
from mobility.themes.models import Theme
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry
from mobility.workflows.table import SYSTEM
from tests.support.client import Client
from tests.support.factories import (
    make_budget_line,
    make_call,
    make_funded_programme,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_theme,
    sign_in,
)
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.spreadsheets import ods, xlsx

HEADER = [
    "Your number",
    "Host organisation",
    "Theme",
    "Guest organisation",
    "Guest's e-mail",
    "Others who travel",
    "First day",
    "Last day",
    "State",
    "Agreed on",
    "Voucher",
    "Call",
    "Amount",
    "Requested on",
    "Granted on",
    "Valid until",
    "Paid on",
    "Paid amount",
    "Payment reference",
]
AT = {name: at for at, name in enumerate(HEADER)}
PLAIN = {
    "Host organisation": "Lisbon Hub",
    "Theme": "Funding services",
    "Guest organisation": "Mur Cluster",
    "Guest's e-mail": "ana@example.org",
    "First day": "2027-04-12",
    "Last day": "2027-04-16",
    "State": "Agreed",
    "Agreed on": "2027-01-20",
    "Voucher": "Issued",
    "Amount": "780.00",
    "Requested on": "2027-01-25",
    "Granted on": "2027-02-01",
}
OVER = {"First day": "2027-02-08", "Last day": "2027-02-12", "State": "Completed", "Agreed on": "2026-11-02"}
OVER |= {"Requested on": "2026-11-05", "Granted on": "2026-11-20"}
PAID = {**OVER, "Voucher": "Paid", "Paid on": "2027-02-26", "Payment reference": "2027-0815"}


def row(**changes: Any) -> list[Any]:
    """A row with some cells changed, by their headings with _ for blanks."""
    return written(**{key.replace("_", " "): value for key, value in changes.items()})


def written(**changes: Any) -> list[Any]:
    values = {**PLAIN, **changes}
    return [values.get(name, "") for name in HEADER]


def rows(*found: list[Any]) -> bytes:
    return xlsx(Exchanges=[HEADER, *found])


@pytest.fixture
def programme(db_session: Any, client: Client) -> Programme:
    """Of the scheme `light`, with 10,000 euro; Ana goes to Lisbon; an owner is signed in. Today is 1 March 2027."""
    found = make_funded_programme(scheme="light", name="Alpine exchanges")
    lisbon = make_organisation(name="Lisbon Hub", country="PT", city="Lisbon", latitude=38.72, longitude=-9.14)
    host = make_member(lisbon, Role.COORDINATOR, name="Marta Nogueira", email="marta@example.org")
    make_theme(host=lisbon, programme=found, by=host, title="Funding services", places=3)
    mur = make_organisation(name="Mur Cluster", country="AT", city="Graz", latitude=47.07, longitude=15.44)
    make_member(mur, Role.GUEST, name="Ana Zupan", email="ana@example.org", level="cluster_manager")
    db.session.query(OutboxMessage).delete()
    sign_in(client, make_member(found, Role.OWNER, name="Olga Owner", email="olga@example.org"))
    return found


def checked(client: Client, programme: Programme, content: bytes, name: str = "running.xlsx") -> Import:
    data = {"file": (BytesIO(content), name), "on_behalf_of": f"programme-{programme.id}", "form_key": f"{hash(content)}{name}"}
    answer = client.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302, text_of(answer)
    id = int(answer.location.rpartition("/")[2])
    work(id)
    page = client.get(f"/imports/{id}/columns")
    assert client.post(f"/imports/{id}/columns", data=values_of(page)).status_code == 303
    work(id)
    return the(id)


def the(id: int) -> Import:
    db.session.rollback()
    return db.session.get_one(Import, id)


def work(id: int) -> None:
    for _ in range(20):
        if the(id).is_working:
            jobs.run("advance-imports")


def send(client: Client, batch: Import, act: str, **values: Any) -> Any:
    id = batch.id
    answer = client.post(f"/imports/{id}/{act}", data={"seen": str(batch.version), **values})
    work(id)
    return answer


def entered(client: Client, programme: Programme, *found: list[Any]) -> Import:
    batch = checked(client, programme, rows(*found))
    assert batch.report["faults"] == []
    assert send(client, batch, "enter", although_different="y").status_code == 303
    assert (the(batch.id).stage, the(batch.id).problem) == ("entered", "")
    return the(batch.id)


def faults(batch: Import) -> list[tuple[str, str]]:
    """(heading of the column, what would be right)."""
    letters = {chr(ord("A") + at): name for name, at in AT.items()}
    return [(letters[each["column"]], each["right"]) for each in batch.report["faults"]]


def count(model: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def line_of(programme: Programme) -> tuple[Decimal, Decimal, Decimal]:
    line = db.session.scalars(select(BudgetLine)).one()
    db.session.refresh(line)
    return line.available, line.committed, line.spent


# Each in its state


def test_an_agreed_exchange_with_an_issued_voucher(client: Client, programme: Programme) -> None:
    entered(client, programme, row(Your_number="MOB-14", Others_who_travel="Jan Novak <jan@example.org>"))
    exchange = db.session.scalars(select(Exchange)).one()
    assert (exchange.state, exchange.first_day, exchange.last_day) == ("agreed", date(2027, 4, 12), date(2027, 4, 16))
    assert [(each.name, each.email) for each in exchange.delegates] == [
        ("Ana Zupan", "ana@example.org"),
        ("Jan Novak", "jan@example.org"),
    ]
    assert exchange.agreed_version is exchange.newest_version
    assert exchange.agreed_version.agreed_elsewhere_on == date(2027, 1, 20)
    assert exchange.agreed_version.signatures == [], "nobody has signed here"
    assert exchange.waiting_for is None, "nor is anybody asked to"
    voucher = exchange.voucher
    assert (voucher.state, voucher.amount, voucher.rate_card) == ("issued", Decimal(780), None)
    assert (voucher.requested_on, voucher.decided_on) == (date(2027, 1, 25), date(2027, 2, 1))
    assert voucher.code
    assert (voucher.waiting_for, voucher.due_on) == ("redemption", date(2028, 2, 1)), "twelve months from its granting"
    (line,) = voucher.amount_lines
    assert (line.label, line.amount) == ("As granted before it came here", Decimal(780))
    assert "“running.xlsx”, row 2" in line.rule
    assert line_of(programme) == (9220, 780, 0)
    assert check_ledger() == []
    for subject in (exchange, voucher, exchange.application):
        (entry,) = subject.history()
        assert (entry.action, entry.from_state, entry.to_state) == ("move_in", "", subject.state)
        assert entry.actor_name == "Olga Owner"
        assert entry.note.startswith("Moved in by Olga Owner on 1 March 2027, ")
        assert entry.note.endswith("from “running.xlsx”, row 2, your number MOB-14.")
    assert count(OutboxMessage) == 0


@pytest.mark.parametrize(
    ("changes", "exchange_state", "voucher_state", "waits", "books"),
    [
        ({"Voucher": "None, self-funded", "Amount": "", "Granted on": ""}, "agreed", None, None, (10_000, 0, 0)),
        ({"Voucher": "Not requested yet", "Amount": "", "Granted on": ""}, "agreed", "draft", "voucher_request", (10_000, 0, 0)),
        ({"Voucher": "Requested", "Granted on": ""}, "agreed", "requested", "decision", (10_000, 0, 0)),
        ({"Voucher": "Approved"}, "agreed", "approved", "decision", (9220, 780, 0)),
        (
            {"First day": "2027-02-22", "Last day": "2027-03-05", "State": "On its way"},
            "in_progress",
            "issued",
            "redemption",
            (9220, 780, 0),
        ),
        (OVER, "completed", "delivered", "claim", (9220, 780, 0)),
        (PAID, "completed", "paid", None, (9220, 0, 780)),
        ({**PAID, "Paid amount": "500.5"}, "completed", "paid", None, (Decimal("9499.50"), 0, Decimal("500.50"))),
    ],
)
def test_each_arrives_in_the_state_it_is_in(
    client: Client,
    programme: Programme,
    changes: dict[str, str],
    exchange_state: str,
    voucher_state: str | None,
    waits: str | None,
    books: Any,
) -> None:
    entered(client, programme, written(**changes))
    exchange = db.session.scalars(select(Exchange)).one()
    voucher = exchange.voucher
    assert (exchange.state, voucher.state if voucher else None) == (exchange_state, voucher_state)
    assert (voucher.waiting_for if voucher else None) == waits
    assert exchange.self_funded == (voucher is None)
    assert line_of(programme) == books
    assert check_ledger() == []
    pages = [
        f"/exchanges/{exchange.id}",
        f"/exchanges/{exchange.id}/agreement/1",
        f"/applications/{exchange.application_id}",
        "/",
    ]
    pages += [f"/exchanges/{exchange.id}/agreement-1.pdf", f"/exchanges/{exchange.id}/calendar.ics"]
    pages += [f"/vouchers/{voucher.id}"] if voucher else []
    if voucher and voucher_state != "draft":
        assert client.get(f"/vouchers/{voucher.id}").status_code == 200, "the programme sees what was requested"
    sign_in(client, exchange.guest)
    for path in pages:
        assert client.get(path).status_code == 200, path


def test_promises_run_from_the_day_of_moving_in(client: Client, programme: Programme) -> None:
    """The stay ended on 12 February, so the attendance was due on 19 February: to somebody else."""
    entered(client, programme, row(First_day="2027-02-08", Last_day="2027-02-12", State="On its way"))
    exchange = db.session.scalars(select(Exchange)).one()
    assert (exchange.waiting_for, exchange.due_on) == ("attendance", date(2027, 3, 8))
    entered(client, programme, written(**{**OVER, "First day": "2026-12-07", "Last day": "2026-12-11"}))
    voucher = db.session.scalars(select(Voucher).where(Voucher.state == "delivered")).one()
    assert (voucher.due_on, voucher.claim_due_on) == (date(2027, 3, 31), date(2027, 3, 31)), "30 days from 1 March"
    jobs.run("escalate")
    assert count(OutboxMessage) == 0


def test_what_was_paid_elsewhere_is_paid_once(client: Client, programme: Programme) -> None:
    entered(client, programme, written(**PAID))
    voucher = db.session.scalars(select(Voucher)).one()
    assert (voucher.paid_on, voucher.paid_elsewhere, voucher.final_amount) == (date(2027, 2, 26), "2027-0815", Decimal(780))
    officer = make_member(programme, Role.FINANCE_OFFICER)
    db.session.commit()
    with pytest.raises(Exception, match="is not waiting for payment here"), transaction():
        payments.collect(programme, by=officer, chosen=[voucher.id])
    refusal = next(each.refusal for each in voucher.workflow.available(voucher, officer) if each.action == "came_back")
    assert refusal == "It was paid before it came here. If the money has come back, recover it."
    with transaction():
        payments.recover(voucher, by=officer, amount=Decimal(80), reason="Too much.")
    assert check_ledger() == []
    batch = checked(
        client, programme, rows(written(**{**PAID, "First day": "2027-01-11", "Last day": "2027-01-15"})), "again.xlsx"
    )
    assert faults(batch) == [
        ("Payment reference", "Something was paid under this reference already. Each payment is entered once.")
    ]


def test_a_granted_amount_is_never_computed_again(client: Client, programme: Programme) -> None:
    """The rates give 780 euro for five days in Lisbon; 1,200 were granted. The host then confirms two days less."""
    batch = checked(
        client, programme, rows(row(Amount="1200", First_day="2027-02-22", Last_day="2027-02-26", State="On its way"))
    )
    (warning,) = batch.report["warnings"]
    assert (warning["column"], warning["row"], warning["found"]) == ("M", 2, "1200")
    assert warning["words"] == "The rates here come to €780.00, €420.00 less. The amount is taken over as it is."
    assert "€420.00 less" in text_of(client.get(f"/imports/{batch.id}"))
    assert send(client, batch, "enter").status_code == 422, "it has to be looked at"
    assert send(client, the(batch.id), "enter", although_different="y").status_code == 303
    exchange = db.session.scalars(select(Exchange)).one()
    marta = db.session.scalars(select(User).where(User.email == "marta@example.org")).one()
    with transaction():
        days = {"first_day": date(2027, 2, 22), "last_day": date(2027, 2, 24)}
        visits.confirm_attendance(exchange, by=marta, attended=[1], code=exchange.voucher.code, **days)
    sign_in(client, exchange.guest)
    page = text_of(client.get(f"/vouchers/{exchange.voucher.id}/claim"))
    assert "€1,200.00" in page
    assert "so it is not computed again" in page
    assert check_ledger() == []


def test_a_request_from_elsewhere_is_decided_here_for_what_was_asked(client: Client, programme: Programme) -> None:
    entered(client, programme, row(Voucher="Requested", Granted_on="", Amount="900"))
    voucher = db.session.scalars(select(Voucher)).one()
    owner = make_member(programme, Role.OWNER)
    db.session.commit()
    with transaction():
        vouchers.ask_information(voucher, by=owner, question="Which train?")
    with transaction():
        vouchers.resubmit(voucher, by=voucher.holder, answer="The night train.")
    assert voucher.amount == 900
    with transaction():
        vouchers.approve(voucher, by=owner)
    assert (voucher.state, line_of(programme)) == ("issued", (9100, 900, 0))
    assert check_ledger() == []


# What is wrong is told at its cell

PLANTED: list[tuple[str, dict[str, Any], str]] = [
    ("Host organisation", {"Host organisation": "Nowhere"}, "no organisation of this name"),
    ("Theme", {"Theme": "Another"}, "Lisbon Hub has no theme of this title in Alpine exchanges"),
    ("Guest organisation", {"Guest organisation": "Lisbon Hub"}, "are the same"),
    ("Guest's e-mail", {"Guest's e-mail": "nobody@example.org"}, "Nobody has an open account"),
    (
        "Guest's e-mail",
        {"Guest's e-mail": "marta@example.org"},
        "is neither a guest nor a coordinator of Mur Cluster",
    ),
    ("Others who travel", {"Others who travel": "Bo <ana@example.org>"}, "the same address"),
    ("Others who travel", {"Others who travel": "bo@example.org"}, "name and address"),
    ("Others who travel", {"Others who travel": "A B; C D; E F"}, "at most 3"),
    ("First day", {"First day": "4/5/2027"}, "This can be two days"),
    ("Last day", {"Last day": "2027-04-11"}, "before the first"),
    ("State", {"First day": "2027-03-01"}, "has begun"),
    ("State", {"State": "On its way"}, "not begun yet"),
    ("State", {**OVER, "Last day": "2027-03-05"}, "not over yet"),
    ("State", {"State": "Cancelled"}, "Write one of: Agreed"),
    ("Agreed on", {"Agreed on": "2027-03-02"}, "in the future"),
    ("Voucher", {"Voucher": "Claimed"}, "Write one of"),
    ("Voucher", {**OVER, "Voucher": "Requested"}, "Nobody decides about it any more"),
    ("Voucher", {"Voucher": "Paid"}, "Of an exchange that is agreed"),
    ("Call", {"Call": "No such"}, "no call of this name"),
    ("Amount", {"Amount": ""}, "Write the amount"),
    ("Amount", {"Amount": "-5"}, "greater than zero"),
    ("Amount", {"Amount": "780.1234"}, "two digits"),
    ("Amount", {"Amount": "1.200"}, "in two ways"),
    ("Amount", {"Amount": "780 PLN"}, "in euro"),
    ("Amount", {"Amount": "10000.01"}, "€10,000.00 left; €10,000.01 is needed"),
    ("Amount", {"Voucher": "None, self-funded", "Granted on": ""}, "Leave this empty"),
    ("Requested on", {"Requested on": "2027-02-02"}, "after it was granted"),
    ("Granted on", {"Granted on": ""}, "when it was approved"),
    ("Valid until", {"Valid until": "2027-04-15"}, "until the end of the stay"),
    ("Paid on", {**PAID, "Paid on": ""}, "when the bank has paid"),
    ("Paid on", {**PAID, "Paid on": "2026-11-19"}, "before it was granted"),
    ("Paid amount", {**PAID, "Paid amount": "780.01"}, "At most €780.00"),
    ("Payment reference", {**PAID, "Payment reference": ""}, "reference of the payment"),
]


@pytest.mark.parametrize(("cell", "changes", "right"), PLANTED)
def test_a_planted_fault_is_told_at_its_cell(
    client: Client, programme: Programme, cell: str, changes: dict[str, Any], right: str
) -> None:
    batch = checked(client, programme, rows(written(**changes)))
    assert [each[0] for each in faults(batch)] == [cell], faults(batch)
    assert right in faults(batch)[0][1]
    assert send(client, batch, "enter", although_different="y").status_code == 409
    assert count(Exchange) == count(LedgerEntry, LedgerEntry.voucher_id.is_not(None)) == 0


def test_the_budget_holds_for_all_rows_together(client: Client, programme: Programme) -> None:
    later = {"First day": "2027-05-10", "Last day": "2027-05-14"}
    batch = checked(client, programme, rows(row(Amount="9000"), written(**later, Amount="1000.01")))
    assert faults(batch) == [
        ("Amount", "The budget line “Mobility” has €1,000.00 left after the rows before this; €1,000.01 is needed.")
    ]


def test_the_budget_is_looked_at_again_when_all_is_entered(client: Client, programme: Programme) -> None:
    batch = checked(client, programme, rows(row(Amount="9000")))
    line = db.session.scalars(select(BudgetLine)).one()
    with transaction():
        programmes.withdraw_budget(line, Decimal(5000), by=SYSTEM)
    send(client, batch, "enter", although_different="y")
    assert (the(batch.id).stage, count(Exchange)) == ("checked", 0)
    assert faults(the(batch.id))[0][0] == "Amount"


def test_the_same_stay_is_entered_once(client: Client, programme: Programme) -> None:
    entered(client, programme, row())
    batch = checked(client, programme, rows(row(), row(First_day="2027-04-14", Last_day="2027-04-20")), "again.xlsx")
    assert [each["words"] for each in batch.report["same"]] == ["is here already for this host, and is left as it is"]
    assert faults(batch) == [("First day", "Ana Zupan has another stay on these days, 12 to 16 April 2027, in Alpine exchanges.")]


def test_places_of_a_theme_are_taken_and_do_not_bind_its_windows(client: Client, programme: Programme) -> None:
    theme = db.session.scalars(select(Theme)).one()
    days = [{"First day": f"2027-{month:02}-07", "Last day": f"2027-{month:02}-09"} for month in (4, 5, 6, 7)]
    batch = checked(client, programme, rows(*(written(**each, Amount="100") for each in days)))
    assert faults(batch) == [("Theme", "All places of this theme are taken. Its host has to offer more first.")]
    entered(client, programme, *(written(**each, Amount="100") for each in days[:2]))
    db.session.refresh(theme)
    assert theme.places_taken == 2


# Who may


def test_nobody_moves_in_what_they_have_a_part_in(client: Client, programme: Programme) -> None:
    olga = db.session.scalars(select(User).where(User.email == "olga@example.org")).one()
    mur = db.session.scalars(select(Organisation).where(Organisation.name == "Mur Cluster")).one()
    make_membership(olga, mur, Role.COORDINATOR)
    db.session.commit()
    batch = checked(
        client, programme, rows(row(), row(Others_who_travel="Olga Owner", First_day="2027-05-10", Last_day="2027-05-14"))
    )
    assert [each[0] for each in faults(batch)] == ["Guest organisation", "Guest's e-mail"]
    assert "Another owner must move this in." in faults(batch)[0][1]


def test_a_part_that_began_meanwhile_stops_it(client: Client, programme: Programme) -> None:
    batch = checked(client, programme, rows(row()))
    lisbon = db.session.scalars(select(Organisation).where(Organisation.name == "Lisbon Hub")).one()
    other = make_member(programme, Role.OWNER)
    make_membership(other, lisbon, Role.HOST)
    db.session.commit()
    sign_in(client, other)
    send(client, batch, "enter", although_different="y")
    assert (the(batch.id).stage, count(Exchange)) == ("checked", 0)


def test_where_two_decide_two_move_in(client: Client, programme: Programme) -> None:
    programme.scheme = "full"
    second = make_member(programme, Role.OWNER, name="Second Owner")
    db.session.commit()
    batch = checked(client, programme, rows(row()))
    answer = send(client, batch, "enter", although_different="y")
    assert answer.status_code == 409
    assert "wants four eyes on what it grants" in text_of(answer)
    assert "Second Owner" in text_of(answer)
    sign_in(client, second)
    assert send(client, the(batch.id), "enter", although_different="y").status_code == 303
    assert db.session.scalars(select(HistoryEntry.actor_name).where(HistoryEntry.action == "move_in")).first() == "Second Owner"


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.FINANCE_OFFICER, Role.COORDINATOR])
def test_only_owners_move_in_exchanges(client: Client, programme: Programme, role: Role) -> None:
    within = make_organisation() if role == Role.COORDINATOR else programme
    sign_in(client, make_member(within, role))
    assert client.get("/imports/exchanges.csv").status_code == 404
    data = {"file": (BytesIO(rows(row())), "x.xlsx"), "on_behalf_of": f"programme-{programme.id}", "form_key": "k"}
    answer = client.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == (422 if role == Role.COORDINATOR else 404)
    assert count(Import) == 0


def test_owners_get_a_template_with_help(client: Client, programme: Programme) -> None:
    assert "As it was granted, or asked for." in client.get("/imports/exchanges.csv").text
    for suffix in ("xlsx", "ods"):
        assert checked(client, programme, client.get(f"/imports/template.{suffix}").data, f"t.{suffix}").report["faults"] == []


# Mail


def test_each_person_gets_one_mail_when_the_parties_are_told(client: Client, programme: Programme) -> None:
    days = [{"First day": f"2027-0{month}-07", "Last day": f"2027-0{month}-09"} for month in (4, 5)]
    batch = entered(client, programme, *(written(**each, Amount="100") for each in days))
    jobs.run("ask-questionnaires")
    assert count(OutboxMessage) == 0
    send(client, batch, "release")
    assert the(batch.id).stage == "released"
    mails = {each.address: each for each in db.session.scalars(select(OutboxMessage))}
    assert sorted(mails) == ["ana@example.org", "marta@example.org"]
    assert mails["ana@example.org"].subject_line == "2 of your exchanges go on here: see what comes next"
    assert "Funding services: Ana Zupan at Lisbon Hub, 7 to 9 April 2027" in mails["marta@example.org"].text


# Undone


def test_undone_in_plain_sight(client: Client, programme: Programme) -> None:
    """Neither histories nor ledger lose a row; the money is back, and the same can be moved in anew."""
    content = [row(), written(**PAID), written(**{**OVER, "First day": "2027-01-11", "Last day": "2027-01-15"})]
    batch = entered(client, programme, *content)
    assert line_of(programme) == (7660, 1560, 780)
    assert "Nothing rests on it yet" in text_of(client.get(f"/imports/{batch.id}"))
    assert send(client, batch, "undo").status_code == 303
    assert the(batch.id).stage == "undone"
    assert line_of(programme) == (10_000, 0, 0)
    assert check_ledger() == []
    found = db.session.scalars(select(Exchange)).all()
    assert {(each.state, each.application.state, each.voucher.state) for each in found} == {
        ("cancelled", "withdrawn", "withdrawn")
    }
    assert {each.voucher.decided_on for each in found} == {None}, "they count in no figure as granted"
    assert "Undone by Olga Owner" in found[0].history()[0].note
    assert db.session.scalars(select(Theme.places_taken)).one() == 0
    entered(client, programme, row(Your_number="anew"), written(**PAID))
    assert check_ledger() == []


def test_not_undone_once_something_was_done_with_it(client: Client, programme: Programme) -> None:
    batch = entered(client, programme, row(Voucher="Requested", Granted_on=""))
    voucher = db.session.scalars(select(Voucher)).one()
    owner = make_member(programme, Role.OWNER)
    db.session.commit()
    with transaction():
        vouchers.ask_information(voucher, by=owner, question="Which train?")
    answer = send(client, batch, "undo")
    assert answer.status_code == 409
    assert "1 acts on its exchanges, applications or vouchers since" in text_of(answer)
    assert db.session.scalars(select(Exchange.state)).one() == "agreed"


# Questions about the stay


def test_nobody_is_asked_at_once_what_another_system_has_asked(client: Client, programme: Programme) -> None:
    """The stay ended 13 months ago: all rounds are over. Of one that ended in December what comes after 3 months is to come."""
    furnish(programme)
    db.session.commit()
    old = {"First day": "2026-01-12", "Last day": "2026-01-16", "Agreed on": "2025-11-03"}
    old |= {"Requested on": "2025-11-04", "Granted on": "2025-11-05", "Paid on": "2026-02-20", "Payment reference": "1"}
    entered(client, programme, written(**{**PAID, **old}))
    assert list(followup_queries.due()) == []
    jobs.run("close-exchanges")
    assert db.session.scalars(select(Exchange.state)).one() == "closed", "nothing is awaited of the visit any more"


# Files as people make them


def test_merged_cells_formulas_days_as_numbers_and_leading_zeros(client: Client, programme: Programme) -> None:
    content = ods(Exchanges=[HEADER, row(Your_number="00842"), [*row()[:6], 46124, *row()[7:]]])
    batch = checked(client, programme, content, "running.ods")
    assert faults(batch)[0][0] == "First day"
    assert "This is a number" in faults(batch)[0][1]
    formula = rows([*row()[: AT["Amount"]], "=390*2", *row()[AT["Amount"] + 1 :]])
    assert faults(checked(client, programme, formula, "f.xlsx")) == [
        ("Amount", "Write an amount greater than zero.")  # as whoever wrote the file has not computed it
    ]
    entered(client, programme, row(Your_number="00842"))
    assert "your number 00842." in db.session.scalars(select(HistoryEntry.note).where(HistoryEntry.action == "move_in")).first()


def test_a_csv_in_the_letters_of_windows(client: Client, programme: Programme) -> None:
    make_organisation(name="Österreich Cluster")
    lines = [";".join(each) for each in (HEADER, written(**{"Guest organisation": "Österreich Cluster"}))]
    batch = checked(client, programme, "\n".join(lines).encode("cp1252"), "running.csv")
    assert batch.read_as == "CSV, Windows-1252, cells separated by semicolons"
    assert faults(batch) == [
        ("Guest's e-mail", "Ana Zupan is neither a guest nor a coordinator of Österreich Cluster. Invite them first.")
    ]


def test_several_calls(client: Client, programme: Programme) -> None:
    make_budget_line(make_call(programme, name="Second call"), 500)
    make_call(programme, name="Empty call")
    db.session.commit()
    later, last = ({"First day": f"2027-0{month}-10", "Last day": f"2027-0{month}-14"} for month in (5, 6))
    batch = checked(client, programme, rows(row(), written(**later, Call="empty call"), written(**last, Call="Second call")))
    assert [each[0] for each in faults(batch)] == ["Call", "Call", "Amount"]


def test_another_programme_s_budget_is_not_touched(client: Client, programme: Programme) -> None:
    other = make_programme(name="Other")
    make_budget_line(make_call(other, name="Theirs"), 500)
    db.session.commit()
    assert [each[0] for each in faults(checked(client, programme, rows(row(Call="Theirs"))))] == ["Call"]


# Figures


def test_what_was_moved_in_counts_where_it_has_come_to_and_what_was_undone_nowhere(client: Client, programme: Programme) -> None:
    batch = entered(client, programme, row(), written(**PAID))

    def pipeline() -> list[int | None]:
        facts = Reading(programme, date(2027, 3, 1))
        applications, exchanges, found = list(facts.applications()), list(facts.exchanges()), list(facts.vouchers())
        return [
            sum(each.submitted_on is not None for each in applications),
            sum(each.accepted_on is not None for each in applications),
            sum(each.confirmed_on is not None for each in applications),
            sum(each.agreed_on is not None for each in exchanges),
            sum(each.first_requested_on is not None for each in found),
            sum(each.approved for each in found),
            sum(each.issued_on is not None for each in found),
            sum(each.completed for each in exchanges),
        ]

    assert pipeline() == [2, 2, 2, 2, 2, 2, 2, 1]
    send(client, batch, "undo")
    assert pipeline() == [0, 0, 0, 0, 0, 0, 0, 0]


# Many


def test_five_hundred_exchanges_and_not_one_more(client: Client, programme: Programme) -> None:
    def stay(number: int) -> list[Any]:
        first = date(2022, 1, 3) + timedelta(days=3 * number)
        days = {"First day": str(first), "Last day": str(first + timedelta(days=1)), "Agreed on": "2021-11-02"}
        asked = {"Requested on": "2021-11-05", "Granted on": "2021-11-20", "Paid on": "2027-02-26"}
        return written(**{**PAID, **days, **asked, "Amount": "1", "Payment reference": f"R{number}"})

    began = perf_counter()
    batch = entered(client, programme, *map(stay, range(500)))
    assert (batch.report["counts"]["exchanges"], count(Exchange)) == (500, 500)
    assert perf_counter() - began < 120, "in the job, while nobody waits"
    assert line_of(programme) == (9500, 0, 500)
    assert check_ledger() == []
    more = checked(client, programme, rows(*map(stay, range(501))), "more.xlsx")
    assert faults(more) == [("Guest's e-mail", "Move in at most 500 exchanges in one file; this is one more.")]
