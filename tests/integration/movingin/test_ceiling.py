"""Moving in running exchanges: within the ceiling of de minimis aid; stays that change here; a theme whose last place goes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from mobility import jobs
from mobility.core.database import db, transaction
from mobility.exchanges import operations as exchanges
from mobility.exchanges.models import Exchange
from mobility.exchanges.rules import Terms
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.themes.models import Theme
from mobility.visits import operations as visits
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from tests.integration.movingin.test_exchanges import (
    PAID,
    checked,
    entered,
    faults,
    programme,  # noqa: F401 (a fixture)
    row,
    rows,
    send,
    written,
)
from tests.support.client import Client
from tests.support.factories import make_member
from tests.support.html import text_of
from tests.support.lines import typed

MAY = {"First day": "2027-05-10", "Last day": "2027-05-14"}
JUNE = {"First day": "2027-06-07", "Last day": "2027-06-11"}


@pytest.fixture
def limited(programme: Programme) -> Programme:  # noqa: F811
    """Each organisation may have 2,000 euro in three years."""
    programme.de_minimis_ceiling = Decimal(2000)
    db.session.commit()
    return programme


def words(batch: Any) -> list[tuple[str, int, str]]:
    return [(each["column"], each["row"], each["right"]) for each in batch.report["faults"]]


def test_the_rows_of_a_sheet_together_pass_the_ceiling(client: Client, limited: Programme) -> None:
    """1,200 and 800 make 2,000, which is allowed; one cent more is not."""
    batch = checked(client, limited, rows(row(Amount="1200"), written(**MAY, Amount="800"), written(**JUNE, Amount="0.01")))
    said = "Mur Cluster would have €2,000.01 of de minimis aid in 3 years, with what is here: €0.01 more than the ceiling of "
    assert words(batch) == [("M", 4, f"{said}€2,000.00. The rows before this are counted.")]
    assert "€0.01 more than the ceiling" in text_of(client.get(f"/imports/{batch.id}"))


def test_what_the_organisation_has_already_counts(client: Client, limited: Programme) -> None:
    entered(client, limited, row(Amount="1500"))
    batch = checked(client, limited, rows(written(**MAY, Amount="500.50")), "more.xlsx")
    assert faults(batch)[0][0] == "Amount"
    assert "would have €2,000.50" in faults(batch)[0][1]
    entered(client, limited, written(**MAY, Amount="500"))


@pytest.mark.parametrize(
    ("granted", "allowed"),
    [("2024-03-01", False), ("2024-02-29", True)],  # today is 1 March 2027: it counts up to the same day three years later
)
def test_what_was_granted_three_years_ago_counts_no_more(client: Client, limited: Programme, granted: str, allowed: bool) -> None:
    past = {**PAID, "First day": "2024-05-06", "Last day": "2024-05-10", "Agreed on": "2024-01-02", "Requested on": "2024-01-03"}
    batch = checked(client, limited, rows(written(**{**past, "Granted on": granted}, Amount="1500"), row(Amount="1500")))
    assert [each["row"] for each in batch.report["faults"]] == ([] if allowed else [3])


def test_of_what_was_paid_counts_what_was_paid(client: Client, limited: Programme) -> None:
    content = written(**PAID, Amount="1500", **{"Paid amount": "1000"}), row(Amount="1000")
    assert checked(client, limited, rows(*content)).report["faults"] == []


def test_what_is_only_asked_for_is_told_and_not_refused(client: Client, limited: Programme) -> None:
    asked = row(Voucher="Requested", Granted_on="", Amount="2100")
    batch = checked(client, limited, rows(asked))
    assert batch.report["faults"] == []
    assert "Mur Cluster would have €2,100.00" in " ".join(each["words"] for each in batch.report["warnings"])


def test_without_a_ceiling_nothing_is_said(client: Client, programme: Programme) -> None:  # noqa: F811
    batch = checked(client, programme, rows(row(Amount="9000")))
    assert batch.report["faults"] == []
    assert "de minimis" not in str(batch.report)


# A theme whose last place goes


def fill(client: Client, programme: Programme) -> tuple[Any, Theme]:  # noqa: F811
    theme = db.session.scalars(select(Theme)).one()
    theme.places = 1
    db.session.commit()
    batch = entered(client, programme, row())
    db.session.refresh(theme)
    return batch, theme


def test_it_stays_open_and_silent_until_the_parties_are_told(client: Client, programme: Programme) -> None:  # noqa: F811
    batch, theme = fill(client, programme)
    assert (theme.places_taken, theme.state) == (1, "published")
    jobs.run("close-themes")
    db.session.refresh(theme)
    assert theme.state == "published"
    assert db.session.scalars(select(OutboxMessage)).all() == []
    page = text_of(client.get(f"/themes/{theme.id}"))
    assert "Internal Server Error" not in page
    send(client, batch, "release")
    db.session.refresh(theme)
    assert (theme.state, theme.closed_full) == ("closed", True)
    assert {each.kind for each in db.session.scalars(select(OutboxMessage))} >= {"exchanges_moved_in", "theme_closed"}


def test_undone_it_is_open_as_before(client: Client, programme: Programme) -> None:  # noqa: F811
    batch, theme = fill(client, programme)
    assert send(client, batch, "undo").status_code == 303
    db.session.refresh(theme)
    assert (theme.places_taken, theme.state, theme.free_places) == (0, "published", 1)
    assert db.session.scalars(select(OutboxMessage)).all() == []


# A requested voucher whose stay is amended here


def amended(client: Client, programme: Programme, **days: Any) -> Voucher:  # noqa: F811
    """900 euro were asked for elsewhere, for five days in April; both sides agree on other days here, and an owner asks."""
    entered(client, programme, row(Voucher="Requested", Granted_on="", Amount="900"))
    exchange = db.session.scalars(select(Exchange)).one()
    host = next(iter(exchange.host.coordinators()))
    owner = make_member(programme, Role.OWNER)
    db.session.commit()
    if days:
        with transaction():
            terms = Terms.of(exchange.newest_version).written()
            said = typed(objectives="Learn", guest_benefit="Forms", host_benefit="Numbers", **days)
            exchanges.amend(exchange, by=exchange.guest, **terms | said)
        for by in (host, exchange.guest):
            with transaction():
                visits.sign(exchange, by=by, number=exchange.newest_version.number)
    with transaction():
        vouchers.ask_information(exchange.voucher, by=owner, question="Which train?")
    return exchange.voucher


def answer(voucher: Voucher) -> str:
    with transaction():
        vouchers.resubmit(voucher, by=voucher.holder, answer="The night train.")
    return str(voucher.history()[0].note)


def test_it_is_computed_anew_for_the_days_that_are_agreed_now(client: Client, programme: Programme) -> None:  # noqa: F811
    """Four days instead of five, by the rates here: less than the 780 euro that these give for five."""
    voucher = amended(client, programme, first_day=date(2027, 4, 12), last_day=date(2027, 4, 15), agenda=())
    page = text_of(client.get(f"/vouchers/{voucher.id}"))
    assert "was asked for 12 to 16 April 2027" in page
    assert "computed anew" in answer(voucher)
    assert (voucher.granted_elsewhere, voucher.rate_card is not None) == ("", True)
    assert 0 < voucher.amount < 780
    assert "was asked for 12 to 16 April 2027" not in text_of(client.get(f"/vouchers/{voucher.id}"))


def test_where_no_rates_are_here_it_stays_and_says_why(
    client: Client,
    programme: Programme,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voucher = amended(client, programme, first_day=date(2027, 4, 12), last_day=date(2027, 4, 15), agenda=())
    monkeypatch.setattr(vouchers.rate_queries, "newest_rate_card", lambda *of: None)
    said = answer(voucher)
    assert said.startswith("The night train. (The amount stays as it was asked for elsewhere, for other days. ")
    assert (voucher.amount, bool(voucher.granted_elsewhere)) == (900, True)


def test_on_the_same_days_it_stays(client: Client, programme: Programme) -> None:  # noqa: F811
    voucher = amended(client, programme)
    assert answer(voucher) == "The night train."
    assert voucher.amount == 900
