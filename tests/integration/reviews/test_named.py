"""Who is named beside published figures: whoever allows it today, and nobody whose name would tell a hidden number."""

from typing import Any

from mobility.consents.models import PublishConsent
from mobility.core.database import db
from mobility.exchanges.models import Exchange
from tests.integration.reviews.test_publishing import publish
from tests.support.client import Client, Visitor
from tests.support.html import text_of
from tests.support.reviews import BIG, Reviewed, add, reviewed

SECTION = "Some of the exchanges"


def say(made: Reviewed, word: str, *numbers: int) -> None:
    """Both sides of these exchanges (of all, if none is named)."""
    for exchange in [made.exchanges[each] for each in numbers] or made.exchanges:
        for side in ("guest", "host"):
            db.session.add(PublishConsent(exchange=exchange, side=side, publish=word, by=exchange.guest))
    db.session.commit()


def named(client: Client, snapshot: Any) -> list[tuple[str, str]]:
    """From which country to which."""
    names = text_of(client.get(f"/outcomes/{snapshot.id}")).partition(SECTION)[2]
    of = {each.id: each for each in snapshot_exchanges(snapshot)}
    return sorted(
        (each.guest_organisation.country, each.host.country)
        for each in of.values()
        for _ in range(names.count(f"{each.theme.title} {each.guest_organisation.name} at {each.host.name}"))
    )


def snapshot_exchanges(snapshot: Any) -> list[Exchange]:
    return [db.session.get_one(Exchange, id) for id in snapshot.exchanges]


def test_who_allows_it_is_named_and_a_changed_mind_holds_at_once(client: Client, visitor: Visitor, db_session: Any) -> None:
    made = reviewed(BIG)
    snapshot = publish(made, visitor)
    assert SECTION not in text_of(client.get(f"/outcomes/{snapshot.id}"))
    say(made, "with_names", 0)
    assert named(client, snapshot) == [("AT", "PT")]
    say(made, "without", 0)
    assert named(client, snapshot) == []


def test_nobody_is_named_whose_pair_of_countries_is_hidden(client: Client, visitor: Visitor, db_session: Any) -> None:
    """Of BIG only AT to PT and AT to DE are shown (test_publishing.py): 9 and 7, which is known. Of the others a name in the
    call's snapshot and another in the programme's told that there are two; of six pairs with six exchanges it told all."""
    made = reviewed(BIG)
    say(made, "with_names")
    snapshots = [publish(made, visitor), publish(made, visitor, made.at)]
    add(made, (("FI", "AT", 1),))
    say(made, "with_names", -1)
    snapshots.append(publish(made, visitor))
    for each in snapshots:
        shown = {(row, column) for row, column, _ in each.tables["countries"]["shown"]}
        assert set(named(client, each)) <= shown
    assert named(client, snapshots[0]) == [("AT", "DE")] * 7 + [("AT", "PT")] * 9
    assert len(named(client, snapshots[1])) == 16


def test_where_a_table_is_left_out_nobody_is_named(client: Client, visitor: Visitor, db_session: Any) -> None:
    made = reviewed((("AT", "PT", 1), ("DE", "PT", 1), ("AT", "DE", 1)))
    say(made, "with_names")
    assert named(client, publish(made, visitor)) == []
