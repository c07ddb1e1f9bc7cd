"""The pages of programmes: what everybody reads, what owners change, what administrators create."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.accounts.models import MailedLink
from mobility.core import clock
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import BudgetLine, Call, Programme
from mobility.teams.models import RoleInvitation
from mobility.workflows.history import PromiseRecord
from tests.support.client import Client, Visitor
from tests.support.factories import (
    make_budget_line,
    make_call,
    make_funded_programme,
    make_member,
    make_programme,
    make_user,
)
from tests.support.html import fields_of, text_of

OWN_PAGES = ("rules", "rates", "calls/new")


# For everybody


def test_everybody_reads_what_a_programme_funds_pays_and_promises(client: Client, db_session: Any) -> None:
    programme = make_funded_programme(name="Alpine Exchange", about="Short visits between clusters.")
    page = text_of(client.get(f"/programmes/{programme.id}"))
    for words in (
        "Short visits between clusters.",
        "The programme decides on a voucher within 10 working days",
        "Portugal €780.00",
        "A stay has at least 3 working days.",
        "50 % of the lump sum under 5 working days or under 200 km. The reduction applies only once.",
        "open at any time",
        "2 to 14 days",
    ):
        assert words in page, words
    assert "Alpine Exchange" in text_of(client.get("/programmes"))
    assert "Decision desk" not in page


def test_a_full_scheme_says_how_it_assesses(client: Client, db_session: Any) -> None:
    full = make_programme(scheme="full", de_minimis_ceiling=Decimal(300_000))
    page = text_of(client.get(f"/programmes/{full.id}"))
    assert "Benefit for both sides: up to 30 points" in page
    assert "at most €300,000.00 in three years" in page
    light = text_of(client.get(f"/programmes/{make_programme(scheme='light').id}"))
    assert "How it assesses" not in light
    assert "De minimis" not in light


def test_a_programme_without_anything_yet_is_a_page_too(client: Client, db_session: Any) -> None:
    programme = make_programme()
    page = text_of(client.get(f"/programmes/{programme.id}"))
    assert "has not set its rates yet" in page
    assert "No call is open at the moment." in page
    assert client.get("/programmes/999999").status_code == 404


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_takes_the_same_queries_for_any_number(
    client: Client, db_session: Any, queries: Callable[..., Any], count: int
) -> None:
    for _ in range(count):
        make_funded_programme()
    with queries() as q:
        assert client.get("/programmes").status_code == 200
    assert q.count == 2, q


def record(programme: Programme, promise: str, number: int, outcome: str | None, **values: Any) -> PromiseRecord:
    """Due in a week, so that what is open has time."""
    due_on = clock.today() + timedelta(days=7)
    ended = {"outcome": outcome, "ended_on": due_on if outcome else None}
    plausible = {"owed_by": "programme owner", "since": clock.today(), "due_on": due_on, **ended}
    return PromiseRecord(
        programme_id=programme.id, subject_type="voucher", subject_id=number, promise=promise, **plausible | values
    )


def test_everybody_reads_how_promises_are_kept(client: Client, db_session: Any) -> None:
    """Of this programme alone; what was called off or still has time does not count, what is overdue does."""
    programme, other = make_programme(), make_programme()
    outcomes = ["kept_on_time"] * 47 + ["kept_late", "missed", "called_off", "called_off", None]
    db_session.add_all(record(programme, "decision", number, outcome) for number, outcome in enumerate(outcomes))
    db_session.add(record(programme, "decision", 99, None, due_on=clock.today() - timedelta(days=1)))
    db_session.add(record(programme, "decision", 100, None, due_on=clock.today()))
    db_session.add(record(other, "payment", 1, "kept_late"))
    page = text_of(client.get(f"/programmes/{programme.id}"))
    assert "The programme decides on a voucher within 10 working days kept on time: 94 % of 50" in page
    assert "The programme pays within 10 days of the claim no figure yet" in page
    assert "How they were kept" not in page


def test_under_five_promises_are_counted_without_a_percentage(client: Client, visitor: Visitor, db_session: Any) -> None:
    """A rate of four is chance. The programme's people read it all the same, beside the counts."""
    programme = make_programme()
    db_session.add_all([record(programme, "payment", number, "kept_late") for number in range(4)])
    db_session.add_all([record(programme, "decision", number, "kept_late") for number in range(4)])
    db_session.add(record(programme, "decision", 4, "kept_on_time"))
    page = text_of(client.get(f"/programmes/{programme.id}"))
    assert "The programme pays within 10 days of the claim kept on time: 0 of 4 , too few for a rate" in page
    assert "The programme decides on a voucher within 10 working days kept on time: 20 % of 5" in page
    owner = make_member(programme, Role.OWNER)
    assert "Programme owner 4 0 4 0 0 0 %" in text_of(visitor(owner).get(f"/programmes/{programme.id}"))


def test_its_people_read_who_kept_what(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme()
    auditor, stranger = make_member(programme, Role.AUDITOR), make_member(make_programme(), Role.OWNER)
    page = text_of(visitor(auditor).get(f"/programmes/{programme.id}"))
    assert "Nothing has been promised yet." in page
    outcomes = ["kept_on_time", "kept_on_time", "kept_late", "missed", "called_off", None]
    db_session.add_all(
        record(programme, "signatures", number, outcome, owed_by="host coordinator, guest")
        for number, outcome in enumerate(outcomes)
    )
    db_session.add(record(programme, "redemption", 98, "called_off", owed_by="holder"))
    db_session.add(
        record(programme, "signatures", 99, None, owed_by="host coordinator, guest", due_on=clock.today() - timedelta(1))
    )
    page = text_of(visitor(auditor).get(f"/programmes/{programme.id}"))
    assert "Both sides sign the agreement within 14 days Host coordinator and guest 5 2 1 1 1 40 %" in page
    assert "Holders use a voucher while it is valid Holder 0 0 0 0 0 no figure yet" in page
    assert "How they were kept" not in text_of(visitor(stranger).get(f"/programmes/{programme.id}"))


@pytest.mark.parametrize("count", [1, 300])
def test_the_page_takes_the_same_queries_for_any_number_of_promises(
    client: Client, db_session: Any, queries: Callable[..., Any], count: int
) -> None:
    programme = make_funded_programme()
    promises = ("decision", "payment", "signatures")
    db_session.add_all(record(programme, promises[number % 3], number, "kept_late") for number in range(count))
    db_session.commit()
    with queries() as q:
        assert client.get(f"/programmes/{programme.id}").status_code == 200
    assert q.count == 6, q


# For the programme's people


def test_owner_s_pages_are_the_owner_s(visitor: Visitor, db_session: Any) -> None:
    programme = make_funded_programme()
    line = db_session.scalars(select(BudgetLine)).one()
    owner = visitor(make_member(programme, Role.OWNER))
    others = [make_member(programme, role) for role in (Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR)]
    others += [make_user(), make_member(make_programme(), Role.OWNER), make_user(is_administrator=True)]
    for page in (*OWN_PAGES, f"budget/{line.id}/appropriate"):
        assert owner.get(f"/programmes/{programme.id}/{page}").status_code == 200
        for other in others:
            assert visitor(other).get(f"/programmes/{programme.id}/{page}").status_code == 404
    readers = [visitor(each).get(f"/programmes/{programme.id}/budget").status_code for each in others]
    assert readers == [200, 200, 200, 404, 404, 404]


def test_a_line_of_another_programme_is_absent(visitor: Visitor, db_session: Any) -> None:
    programme, other = make_funded_programme(), make_programme()
    line = make_budget_line(make_call(other))
    owner = visitor(make_member(programme, Role.OWNER))
    assert owner.get(f"/programmes/{programme.id}/budget/{line.id}/appropriate").status_code == 404


def test_changing_the_rules(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme()
    owner = visitor(make_member(programme, Role.OWNER))
    path = f"/programmes/{programme.id}/rules"
    form = fields_of(owner.get(path)) | {"about": "What we fund.", "decision_working_days": "8", "country": ""}
    assert owner.post(path, data=form).status_code == 303
    assert (programme.about, programme.decision_working_days, programme.country) == ("What we fund.", 8, None)
    assert programme.eligible_countries == ["AT", "DE", "IT", "PT"]


def test_limits_and_the_score_sheet(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme(about="What we fund.")
    owner = visitor(make_member(programme, Role.OWNER))
    path = f"/programmes/{programme.id}/rules"
    longer = owner.post(path, data=fields_of(owner.get(path)) | {"act": "add", "claim_days": "21"})
    assert (longer.status_code, fields_of(longer)["claim_days"]) == (200, "21")  # nothing typed is lost
    assert "score_sheet-7-criterion" in fields_of(longer)
    changes = {
        "provider_share_limit": "25",
        "de_minimis_ceiling": "300,000",
        "score_sheet-0-points": "25",
        "score_sheet-7-criterion": "Young colleagues travel",
        "score_sheet-7-points": "5",
    }
    assert owner.post(path, data=fields_of(longer) | changes | {"act": "save"}).status_code == 303
    assert (programme.provider_share_limit, programme.de_minimis_ceiling) == (25, Decimal(300_000))
    assert programme.score_sheet == [
        {"criterion": "Learning that the organisation needs", "points": 25},
        {"criterion": "Benefit for both sides", "points": 30},
        {"criterion": "A plan that can be carried out", "points": 20},
        {"criterion": "Use at home afterwards", "points": 20},
        {"criterion": "Young colleagues travel", "points": 5},
    ]
    assert owner.post(path, data=fields_of(owner.get(path)) | {"de_minimis_ceiling": ""}).status_code == 303
    assert programme.de_minimis_ceiling is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minimum_days": "9", "maximum_days": "3"}, "The longest stay cannot be shorter than the shortest (9 days)."),
        ({"validity_months": "0"}, "Enter a whole number from 1 to 36."),
        ({"validity_months": "twelve"}, "Enter a whole number, such as 10."),
        ({"eligible_countries": []}, "Tick at least one country."),
        ({"name": ""}, "Name: Please fill this in."),
        ({"name": "Taken"}, "Another programme has this name."),
        ({"name": "x" * 300}, "Keep this to 200 characters."),
        ({"provider_share_limit": "101"}, "Enter a whole number from 1 to 100."),
        ({"de_minimis_ceiling": "0"}, "Enter an amount greater than zero, or leave it empty."),
        ({"de_minimis_ceiling": "$300"}, "Enter the amount in euro; every amount here is."),
        ({"score_sheet-0-points": "29"}, "The points add up to 99; they should add up to 100."),
        ({"score_sheet-0-points": ""}, "Enter the most points it can give."),
        ({"score_sheet-0-criterion": " "}, "Say what the points are for."),
        ({"score_sheet-0-criterion": "Benefit for both sides"}, "This criterion is already listed earlier."),
    ],
)
def test_rules_that_cannot_be(visitor: Visitor, db_session: Any, changes: dict[str, Any], words: str) -> None:
    make_programme(name="Taken")
    programme = make_programme(about="What we fund.")
    owner = visitor(make_member(programme, Role.OWNER))
    path = f"/programmes/{programme.id}/rules"
    page = owner.post(path, data=fields_of(owner.get(path)) | {"open_applications_cap": "7"} | changes)
    assert page.status_code == 422
    assert words in text_of(page)
    assert fields_of(page)["open_applications_cap"] == "7"  # nothing typed is lost
    assert programme.open_applications_cap == 5


def test_of_two_owners_the_slower_is_told(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme(about="What we fund.")
    owner = visitor(make_member(programme, Role.OWNER))
    path = f"/programmes/{programme.id}/rules"
    form = fields_of(owner.get(path))
    assert owner.post(path, data=form | {"claim_days": "20"}).status_code == 303
    slower = owner.post(path, data=form | {"claim_days": "40"})
    assert (slower.status_code, "This has changed since you opened it" in text_of(slower)) == (409, True)
    assert programme.claim_days == 20
    assert owner.post(path, data=fields_of(slower)).status_code == 303  # sent again, knowingly
    assert programme.claim_days == 40


def test_a_call_comes_with_its_money_once_however_often_it_is_sent(visitor: Visitor, db_session: Any) -> None:
    programme = make_programme()
    owner = visitor(make_member(programme, Role.OWNER))
    path = f"/programmes/{programme.id}/calls/new"
    form = fields_of(owner.get(path)) | {"name": "Spring", "opens_on": "2027-03-01", "mobility": "12,000"}
    assert {owner.post(path, data=form).location for _ in range(8)} == {f"/programmes/{programme.id}/budget"}
    line = db_session.scalars(select(BudgetLine)).one()
    assert (line.available, db_session.scalar(select(func.count(Call.id)))) == (Decimal(12_000), 1)
    again = owner.post(path, data=fields_of(owner.get(path)) | {"name": "Spring", "opens_on": "2027-03-01", "mobility": "1"})
    assert (again.status_code, "a call with this name" in text_of(again)) == (422, True)
    none = owner.post(path, data=fields_of(owner.get(path)) | {"name": "None", "opens_on": "2027-03-01"})
    assert (none.status_code, "needs money for at least one kind of voucher" in text_of(none)) == (422, True)
    reversed_days = {"name": "Autumn", "opens_on": "2027-09-01", "closes_on": "2027-08-01", "mobility": "1"}
    wrong = owner.post(path, data=fields_of(owner.get(path)) | reversed_days)
    assert (wrong.status_code, "cannot close before it opens" in text_of(wrong)) == (422, True)


# For administrators


def test_an_administrator_creates_a_programme_and_names_its_owner(visitor: Visitor, db_session: Any) -> None:
    admin = visitor(make_user(is_administrator=True))
    owner = {"owner_name": "Liis Kask", "email": "Liis@example.org"}
    given = {"name": "Baltic Exchange", "level": "european", "scheme": "light", **owner}
    form = fields_of(admin.get("/admin/programmes")) | given
    assert {admin.post("/admin/programmes", data=form).status_code for _ in range(3)} == {302}
    programme = db_session.scalars(select(Programme)).one()
    assert (programme.name, programme.level, programme.scheme) == ("Baltic Exchange", "european", "light")
    liis = db_session.scalars(select(User).where(User.email == "liis@example.org")).one()
    invited = db_session.scalars(select(RoleInvitation)).one()
    assert (invited.person_id, invited.programme_id, invited.role) == (liis.id, programme.id, "owner")
    assert db_session.scalar(select(func.count(MailedLink.id))) == 1
    taken = admin.post("/admin/programmes", data=fields_of(admin.get("/admin/programmes")) | given)
    assert (taken.status_code, "Another programme has this name." in text_of(taken)) == (422, True)


def test_administration_is_the_administrator_s(visitor: Visitor, db_session: Any) -> None:
    owner = make_member(make_programme(), Role.OWNER)
    assert visitor(owner).get("/admin/programmes").status_code == 404
    assert visitor(owner).post("/admin/programmes").status_code == 404


def test_programmes_and_calls_of_one_name_are_one(client: Client, visitor: Visitor, db_session: Any) -> None:
    programme = make_programme(name="Übergang Nord")
    make_call(programme, name="Frühjahr 2027")
    answer = visitor(make_user(is_administrator=True)).post(
        "/admin/programmes",
        data={
            "name": "ÜBERGANG\u00a0 nord",
            "level": "national",
            "scheme": "light",
            "owner_name": "Ana",
            "email": "a@example.org",
        },
    )
    assert (answer.status_code, "Another programme has this name." in text_of(answer)) == (422, True)
    owner = visitor(make_member(programme, Role.OWNER))
    data = {"name": "FRU\u0308HJAHR 2027", "opens_on": "2027-03-01", "mobility": "100"}
    answer = owner.post(f"/programmes/{programme.id}/calls/new", data=data)
    assert (answer.status_code, "This programme has a call with this name." in text_of(answer)) == (422, True)
