"""The competence map of a programme: what it counts, where its squares lead, and that it asks as often for many as for few."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from mobility.applications import operations as applications
from mobility.core.database import db
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.reviews.competences import CompetenceMap
from mobility.reviews.offering import competences_of
from mobility.themes import operations as themes
from tests.support.client import Visitor
from tests.support.experts import make_expert
from tests.support.factories import (
    coordinator_of,
    make_accepted,
    make_draft,
    make_funded_programme,
    make_member,
    make_organisation,
    make_submitted,
    make_theme,
)
from tests.support.html import text_of

pytestmark = pytest.mark.usefixtures("db_session")
PLACE = ("food", "clean_energy")


def about(programme: Programme, **values: Any) -> Any:
    return make_theme(programme=programme, **{"sectors": ["food"], "topics": ["clean_energy"]} | values)


def test_a_provider_s_services_are_an_offer(visitor: Visitor) -> None:
    """Of a country of the programme, with topics of their own and the sectors of the organisation; others have themes."""
    programme = make_funded_programme()
    programme.eligible_countries = ["AT"]
    given: dict[str, Any] = {"kind": "provider", "sectors": ["food"], "topics": ["clean_energy", "startups"]}
    sells = make_organisation(name="Sun & Sons", **given)
    make_organisation(**given | {"country": "FI"})
    make_organisation(**given | {"topics": []})
    make_organisation(**given | {"kind": "cluster_organisation"})
    db.session.flush()
    found = competences_of(programme)
    assert {place: [each.name for each in square.providers] for place, square in found.squares.items()} == {PLACE: ["Sun & Sons"]}
    assert found.squares[PLACE].mark == "Known, no theme yet"
    owner = visitor(make_member(programme, Role.OWNER))
    page = owner.get(f"/programmes/{programme.id}/review/competences?sector=food&topic=clean_energy")
    assert "1 provider, nobody can ask" in text_of(page)
    assert f'href="/organisations/{sells.id}">Sun &amp; Sons</a>' in page.text


def test_of_a_call_is_asked_what_was_asked_while_it_was_open(visitor: Visitor, clock: Any) -> None:
    """1 to 31 March 2027 in Vienna: the first and the last day count, as do waits that began on them."""
    programme = make_funded_programme(timezone="Europe/Vienna")
    [call] = programme.calls
    call.opens_on, call.closes_on = date(2027, 3, 1), date(2027, 3, 31)
    theme = about(programme, places=1)
    for day in (date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 31), date(2027, 4, 1)):
        make_submitted(theme).submitted_on = day
    taken = make_accepted(theme)
    taken.submitted_on = date(2027, 1, 1)
    applications.confirm(taken, by=taken.guest)
    for instant in ("2027-02-28T22:59", "2027-02-28T23:00", "2027-03-31T21:59", "2027-03-31T22:00"):
        waiting = make_draft(theme)
        applications.wait_for_place(waiting, by=waiting.guest)
        waiting.queued_at = datetime.fromisoformat(f"{instant}:00+00:00")
    db.session.flush()
    assert counted(competences_of(programme)) == {PLACE: (1, 0, 9, 8)}  # all others found the last place gone
    assert counted(competences_of(programme, call)) == {PLACE: (1, 0, 4, 4)}
    call.closes_on = None
    assert counted(competences_of(programme, call)) == {PLACE: (1, 0, 6, 6)}
    owner, here = visitor(make_member(programme, Role.OWNER)), f"/programmes/{programme.id}/review/competences"
    assert "6 asked, 6 without a place" in text_of(owner.get(f"{here}?call={call.id}"))
    assert f"call={call.id}#behind" in owner.get(f"{here}?call={call.id}").text
    for wrong in ("999", "x", "-1", "9" * 40):
        assert "9 asked, 8 without a place" in text_of(owner.get(f"{here}?call={wrong}"))


def counted(found: CompetenceMap) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """square -> themes, experts, asked, without a place"""
    return {place: (len(each.themes), len(each.experts), each.asked, each.missed) for place, each in found.squares.items()}


def test_counts_what_is_offered_and_asked_for() -> None:
    """Drafts, what was put away, other programmes and topics of other groups are not in it; a draft asks for nothing."""
    programme = make_funded_programme()
    theme = about(programme, places=2)
    make_draft(theme)
    make_submitted(theme)
    declined = make_submitted(theme)
    applications.decline(declined, by=coordinator_of(theme), reason="Our team is too small that week.")
    closed = about(programme, topics=["clean_energy", "skills"])
    themes.close(closed, by=coordinator_of(closed))
    away = about(programme)
    themes.close(away, by=coordinator_of(away))
    themes.archive(away, by=coordinator_of(away))
    about(programme, publish=False)
    about(make_funded_programme())
    db.session.flush()
    assert counted(competences_of(programme)) == {PLACE: (2, 0, 2, 1)}


def test_whoever_waits_for_a_place_has_asked_and_got_none() -> None:
    programme = make_funded_programme()
    theme = about(programme, places=1)
    last = make_accepted(theme)
    waiting = make_draft(theme)
    applications.confirm(last, by=last.guest)
    applications.wait_for_place(waiting, by=waiting.guest)
    db.session.flush()
    assert counted(competences_of(programme)) == {PLACE: (1, 0, 2, 1)}


def test_a_theme_and_an_expert_without_sectors_have_those_of_their_organisation() -> None:
    programme = make_funded_programme()
    about(programme, sectors=[], host=make_organisation(sectors=["wood"]))
    make_expert(make_organisation(country="AT", sectors=["wood"]), topics=["clean_energy", "startups"])
    make_expert(make_organisation(country="AT", sectors=["wood"]), topics=["clean_energy"], sectors=["metal"])
    make_expert(make_organisation(country="AT", sectors=["wood"]), topics=["startups"])
    db.session.flush()
    assert counted(competences_of(programme)) == {("wood", "clean_energy"): (1, 1, 0, 0), ("metal", "clean_energy"): (0, 1, 0, 0)}


def test_experts_are_those_who_could_come_or_host() -> None:
    programme = make_funded_programme()
    programme.eligible_countries = ["AT"]
    host = make_organisation(country="PT", sectors=["food"])
    about(programme, host=host)
    for organisation in (
        host,
        make_organisation(country="AT", sectors=["food"]),
        make_organisation(country="FI", sectors=["food"]),
    ):
        make_expert(organisation, topics=["clean_energy"])
    db.session.flush()
    assert counted(competences_of(programme)) == {PLACE: (1, 2, 0, 0)}


def test_a_square_leads_to_its_themes(visitor: Visitor) -> None:
    programme = make_funded_programme()
    theme = about(programme, title="Biogas <b>from</b> whey")
    make_submitted(theme)
    make_expert(make_organisation(country="AT", sectors=["food"]), topics=["clean_energy"], name="Eva Expert")
    owner = visitor(make_member(programme, Role.OWNER))
    at = f"/programmes/{programme.id}/review"
    assert f"{at}/competences" in owner.get(at).text
    page = owner.get(f"{at}/competences")
    assert "Meets: 1" in text_of(page)
    assert "1 theme, 1 expert, 1 asked" in text_of(page)
    assert "Biogas" not in page.text
    assert "?sector=food&amp;topic=clean_energy#behind" in page.text
    chosen = owner.get(f"{at}/competences?sector=food&topic=clean_energy")
    assert "Biogas &lt;b&gt;from&lt;/b&gt; whey" in chosen.text
    assert "Eva Expert" in text_of(chosen)
    assert f'href="/themes/{theme.id}"' in chosen.text
    assert owner.get(f"{at}/competences?sector=nowhere&topic=nothing").status_code == 200


def test_empty_says_what_to_do(visitor: Visitor) -> None:
    programme = make_funded_programme()
    make_theme(programme=programme)
    page = text_of(visitor(make_member(programme, Role.OWNER)).get(f"/programmes/{programme.id}/review/competences"))
    assert "Themes name no topics yet" in page


@pytest.mark.parametrize("rows", [1, 8])
def test_asks_as_often_for_many_as_for_one(visitor: Visitor, queries: Callable[..., Any], rows: int) -> None:
    programme = make_funded_programme()
    for _ in range(rows):
        make_submitted(about(programme))
        make_expert(make_organisation(country="AT", sectors=["food"]), topics=["clean_energy"])
        make_organisation(kind="provider", sectors=["food"], topics=["clean_energy"])
    owner = visitor(make_member(programme, Role.OWNER))
    with queries() as q:
        assert owner.get(f"/programmes/{programme.id}/review/competences?sector=food&topic=clean_energy").status_code == 200
    assert q.count == 7  # with the calls to choose from, and the providers
