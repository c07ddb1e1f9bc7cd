"""Own key figures: who may what, eight at a time, values that are corrected, what serves them, and the answer after a year."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.followup import queries as requests
from mobility.keyfigures import operations, queries
from mobility.keyfigures.models import KeyFigure
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from tests.support.client import Client, Visitor
from tests.support.factories import make_member, make_user
from tests.support.followups import Asked, ask, visited
from tests.support.forms import values_of
from tests.support.queries import queries as counted
from tests.support.takeovers import PRACTICE, answer


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Asked:
    return visited(date(2027, 3, 5))


def home(case: Asked) -> Organisation:
    return case.exchange.guest_organisation


def measure(case: Asked, name: str = "Members abroad", **given: Any) -> KeyFigure:
    values: dict[str, Any] = {
        "kind": "",
        "name": name,
        "unit": "members",
        "baseline": Decimal(10),
        "baseline_on": date(2026, 1, 1),
        "target": Decimal(20),
        "target_on": date(2029, 1, 1),
        "strategy": "",
    }
    found = operations.add(home(case), by=case.coordinator, **values | given)
    db.session.commit()
    return found


@pytest.fixture
def figure(case: Asked) -> KeyFigure:
    return measure(case)


PEOPLE: dict[str, Callable[[Asked], User]] = {
    "coordinator": lambda case: case.coordinator,
    "guest": lambda case: case.guest,
    "colleague": lambda case: make_member(home(case), Role.HOST),
    "host": lambda case: case.host,
    "owner": lambda case: case.owner,
    "stranger": lambda case: make_user(),
}
WORK_THERE = {"coordinator", "guest", "colleague"}


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_what(case: Asked, figure: KeyFigure, visitor: Visitor, who: str) -> None:
    client, works, leads = visitor(PEOPLE[who](case)), who in WORK_THERE, who == "coordinator"
    chooses, sees_exchange = who in {"coordinator", "guest"}, who != "stranger" and who != "colleague"
    pages = {
        f"/organisations/{home(case).id}/keyfigures": 200 if works else 404,
        f"/organisations/{home(case).id}/keyfigures/new": 200 if leads else 403 if works else 404,
        f"/keyfigures/{figure.id}": 200 if works else 404,
        f"/keyfigures/{figure.id}/record": 200 if works else 404,
        f"/keyfigures/{figure.id}/correct": 200 if works else 404,
        f"/keyfigures/{figure.id}/revise": 200 if leads else 403 if works else 404,
        f"/keyfigures/{figure.id}/retire": 200 if leads else 403 if works else 404,
        f"/keyfigures/{figure.id}/take-up": 409 if leads else 403 if works else 404,
        f"/exchanges/{case.exchange.id}/keyfigures": 200 if chooses else 403 if sees_exchange else 404,
    }
    assert {page: client.get(page).status_code for page in pages} == pages


def test_from_the_menu_or_in_own_words(case: Asked, visitor: Visitor) -> None:
    client, page = visitor(case.coordinator), f"/organisations/{home(case).id}/keyfigures/new"
    empty = values_of(client.get(page)) | {"kind": ""}
    wrong = client.post(page, data=empty | {"baseline": "ten", "target_on": "2029-01-01"})
    assert wrong.status_code == 422
    for words in ("say in your own words", "Enter a number, such as 12"):
        assert words in wrong.text
    assert 'value="ten"' in wrong.text
    menu = empty | {"kind": "members_abroad", "baseline": "1,250.5"}
    half = client.post(page, data=menu | {"target": "2000"})
    assert (half.status_code, "by which you want to be there" in half.text) == (422, True)
    early = client.post(page, data=menu | {"target": "2000", "target_on": "2020-01-01"})
    assert (early.status_code, "after that of the baseline" in early.text) == (422, True)
    future = client.post(page, data=menu | {"baseline_on": "2027-03-03"})  # two days on: tomorrow has begun elsewhere
    assert (future.status_code, "Choose a day that has come" in future.text) == (422, True)
    assert 'id="baseline_on-error"' in future.text
    for _ in range(2):
        assert client.post(page, data=menu | {"target": "2,000", "target_on": "2029-01-01"}).status_code in (302, 303)
    [found] = queries.of_organisation(home(case))
    assert (found.name, found.unit) == ("Members active in another country", "members")
    assert (found.baseline, found.target) == (Decimal("1250.50"), Decimal("2000.00"))


def test_in_the_other_notation(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    case.guest.locale = "de_AT"
    client, page = visitor(case.guest), f"/keyfigures/{figure.id}/record"
    wrong = client.post(page, data={"version": figure.version, "value": "1,250.5", "on": "2027-01-31"})
    assert (wrong.status_code, "1.000,50" in wrong.text, 'value="1,250.5"' in wrong.text) == (422, True, True)
    assert client.post(page, data={"version": figure.version, "value": "1.250,5", "on": "2027-01-31"}).status_code == 303
    db.session.expire_all()
    assert [each.value for each in figure.measured] == [Decimal("1250.50")]


def test_eight_at_a_time(case: Asked, visitor: Visitor) -> None:
    figures = [measure(case, f"Figure {number}") for number in range(8)]
    with pytest.raises(Refusal, match="8 key figures already"):
        measure(case, "The ninth")
    db.session.rollback()
    operations.retire(figures[0], by=case.coordinator)
    measure(case, "The ninth")
    assert len(queries.current_of(home(case).id)) == 8
    db.session.expire_all()
    page = visitor(case.coordinator).get(f"/keyfigures/{figures[0].id}").text
    assert "has 8 key figures already. Retire one first." in page


@pytest.mark.parametrize(("on", "status"), [("2027-03-08", 422), ("2027-03-07", 422), ("2027-02-01", 303), ("", 422)])
def test_a_value_has_a_day_that_has_come(
    case: Asked, figure: KeyFigure, visitor: Visitor, clock: ModuleType, on: str, status: int
) -> None:
    clock.set_to(datetime(2027, 3, 5, 9, tzinfo=UTC))
    typed = {"version": figure.version, "value": "12", "on": on}
    assert visitor(case.guest).post(f"/keyfigures/{figure.id}/record", data=typed).status_code == status


def test_half_past_midnight_in_helsinki_today_has_come(
    case: Asked, figure: KeyFigure, visitor: Visitor, clock: ModuleType
) -> None:
    clock.set_to(datetime(2027, 3, 5, 22, 30, tzinfo=UTC))
    typed = {"version": figure.version, "value": "12", "on": "2027-03-06"}
    assert visitor(case.guest).post(f"/keyfigures/{figure.id}/record", data=typed).status_code == 303


def test_values_are_corrected_and_what_they_were_stands_in_the_history(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    operations.record(figure, by=case.guest, value=Decimal(12), on=date(2026, 6, 1))
    operations.record(figure, by=case.guest, value=Decimal(14), on=date(2026, 12, 1))
    db.session.commit()
    first, second = figure.measured
    client, page = visitor(case.coordinator), f"/keyfigures/{figure.id}/correct"
    assert values_of(client.get(f"{page}?value={second.id}"))["chosen"] == str(second.id)
    sent = client.post(page, data={"version": figure.version, "chosen": second.id, "value": "13.5"})
    assert sent.status_code == 303
    db.session.expire_all()
    assert [(each.value, each.on) for each in figure.measured] == [
        (Decimal(12), date(2026, 6, 1)),
        (Decimal("13.5"), date(2026, 12, 1)),
    ]
    note = "13.5 members on 1 December 2026; before: 14 members on 1 December 2026."
    assert next((each.action, each.note) for each in figure.history()) == ("correct", note)
    sent = client.post(page, data={"version": figure.version, "chosen": first.id, "value": ""})
    assert sent.status_code == 303
    db.session.expire_all()
    assert [each.value for each in figure.measured] == [Decimal("13.5")]
    assert len(figure.values) == 3
    again = client.post(page, data={"version": figure.version, "chosen": first.id, "value": "1"})
    assert again.status_code == 422


def test_of_one_day_one_value_counts(case: Asked, figure: KeyFigure) -> None:
    for value in (12, 13):
        operations.record(figure, by=case.guest, value=Decimal(value), on=date(2026, 6, 1))
    assert [each.value for each in figure.measured] == [Decimal(13)]


def test_two_tabs(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    version = figure.version
    typed = {"version": version, "value": "12", "on": "2027-01-01"}
    assert visitor(case.guest).post(f"/keyfigures/{figure.id}/record", data=typed).status_code == 303
    slower = visitor(case.coordinator).post(f"/keyfigures/{figure.id}/record", data=typed | {"value": "17"})
    assert slower.status_code == 409
    for words in ("Value entered", 'value="17"', "12 members on 1 January 2027"):
        assert words in slower.text


def test_what_was_changed_stands_in_the_history(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    client, page = visitor(case.coordinator), f"/keyfigures/{figure.id}/revise"
    typed = values_of(client.get(page)) | {"target": "25", "name": "Members active abroad"}
    assert client.post(page, data=typed).status_code == 303
    db.session.expire_all()
    assert (figure.name, figure.target) == ("Members active abroad", Decimal(25))
    assert figure.history()[0].note == "Before: name Members abroad, target 20."


# What serves them


def serve(client: Client, case: Asked, *figures: KeyFigure, page: Any = None) -> Any:
    address = f"/exchanges/{case.exchange.id}/keyfigures"
    seen = values_of(page or client.get(address))["seen"]
    return client.post(address, data={"seen": seen, "chosen": [each.id for each in figures]})


def test_an_exchange_says_what_it_serves(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    other, client = measure(case, "Projects won"), visitor(case.guest)
    assert serve(client, case, figure, other).status_code == 303
    assert [each.name for each in queries.served_by(case.exchange)] == ["Members abroad", "Projects won"]
    assert "Projects won" in client.get(f"/exchanges/{case.exchange.id}").text
    assert case.exchange.theme.title in client.get(f"/keyfigures/{other.id}").text
    assert serve(client, case, other).status_code == 303
    assert [each.name for each in queries.served_by(case.exchange)] == ["Projects won"]


def test_two_choose_at_once(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    other, first, second = measure(case, "Projects won"), visitor(case.guest), visitor(case.coordinator)
    page = second.get(f"/exchanges/{case.exchange.id}/keyfigures")
    assert serve(first, case, figure).status_code == 303
    slower = serve(second, case, other, page=page)
    assert slower.status_code == 409
    assert serve(second, case, other, page=slower).status_code == 303
    assert [each.name for each in queries.served_by(case.exchange)] == ["Projects won"]


def test_only_one_s_own_can_be_chosen(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    other = visited()
    foreign = measure(other, "Theirs")
    sent = serve(visitor(case.guest), case, foreign)
    assert (sent.status_code, "not in it any more" in sent.text) == (422, True)
    assert queries.served_by(case.exchange) == []


def test_once_it_is_closed_the_choice_stands(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    assert serve(visitor(case.guest), case, figure).status_code == 303
    case.exchange.state = "closed"
    assert visitor(case.guest).get(f"/exchanges/{case.exchange.id}/keyfigures").status_code == 403
    assert "Members abroad" in visitor(case.guest).get(f"/exchanges/{case.exchange.id}").text


# A year later


@pytest.fixture
def yearly(case: Asked, figure: KeyFigure, clock: ModuleType) -> Any:
    """Of two key figures the exchange serves one; it was asked a year after the visit that ended on 5 March 2027."""
    measure(case, "Projects won")
    operations.serve(case.exchange, chosen=[figure.id], organisation_id=home(case).id, today=date(2027, 3, 6))
    db.session.commit()
    clock.set_to(datetime(2028, 3, 5, 9, tzinfo=UTC))
    ask()
    return case.request("month_12")


def values(figure: KeyFigure) -> list[tuple[Decimal, date, int | None]]:
    db.session.expire_all()
    return [(each.value, each.on, each.request_id) for each in figure.measured]


def test_only_what_the_exchange_serves_is_asked(yearly: Any, case: Asked, figure: KeyFigure) -> None:
    assert requests.lines_of(yearly).key_figures == {f"k{figure.id}": "Members abroad (members)"}
    answer(yearly, PRACTICE | {"key_figures": {f"k{figure.id}": "17.5"}})
    assert values(figure) == [(Decimal("17.5"), date(2028, 3, 5), yearly.id)]
    assert yearly.answer.lines["key_figures"] == {f"k{figure.id}": "Members abroad (members)"}
    assert (figure.history()[0].action, figure.history()[0].acted_as) == ("record", "respondent")


def test_sent_again_the_last_sending_counts(yearly: Any, figure: KeyFigure, clock: ModuleType) -> None:
    for said in ({f"k{figure.id}": "17"}, {f"k{figure.id}": "18"}, {}):
        answer(yearly, PRACTICE | {"key_figures": said, "shared": str(len(said))})
    assert values(figure) == []
    assert len(figure.values) == 2


def test_typed_by_link_in_the_reader_s_notation(yearly: Any, case: Asked, figure: KeyFigure, client: Client) -> None:
    case.guest.locale = "pt_PT"
    address = f"/answers/{yearly.token}"
    form = values_of(client.get(address)) | {"act": "send", "q-practice-o1": "1", "q-practice-o2": "1"}
    wrong = client.post(address, data=form | {f"q-key_figures-k{figure.id}": "1,250.5"})
    assert (wrong.status_code, "1.000,50" in wrong.text) == (422, True)
    sent = client.post(address, data=values_of(wrong) | form | {f"q-key_figures-k{figure.id}": "-1.250,5"} | _version(wrong))
    assert sent.status_code == 303, sent.text
    assert [value for value, *_ in values(figure)] == [Decimal("-1250.50")]


def _version(page: Any) -> dict[str, str]:
    return {"version": values_of(page)["version"]}


def test_one_that_was_retired_meanwhile_is_not_asked(yearly: Any, case: Asked, figure: KeyFigure) -> None:
    operations.retire(figure, by=case.coordinator)
    db.session.commit()
    assert requests.lines_of(yearly).key_figures == {}
    answer(yearly, PRACTICE | {"key_figures": {f"k{figure.id}": "17"}})
    assert values(figure) == []


def test_the_list_asks_as_often_for_one_as_for_eight(case: Asked, figure: KeyFigure, visitor: Visitor) -> None:
    client, here = visitor(case.coordinator), f"/organisations/{home(case).id}/keyfigures"
    client.get(here)
    with counted() as one:
        client.get(here)
    for number in range(7):
        found = measure(case, f"Figure {number}")
        operations.record(found, by=case.guest, value=Decimal(12), on=date(2026, 6, 1))
    db.session.commit()
    with counted() as eight:
        client.get(here)
    assert (one.count, eight.count) == (4, 4), eight
