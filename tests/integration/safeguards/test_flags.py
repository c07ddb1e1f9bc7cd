"""What links the parties of a voucher, as the desk's rows flag it: in one query, and the same as `related.findings` says."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from mobility.core import clock
from mobility.core.database import db
from mobility.exchanges.models import AgreementVersion, Signature
from mobility.people.roles import Role
from mobility.safeguards import flags, queries
from mobility.safeguards.rules import ACCOUNT, DECLARED, DOMAIN, INTEREST, PEOPLE
from mobility.vouchers import operations
from mobility.vouchers.models import Voucher
from mobility.workflows.parts import Actor
from tests.support import factories
from tests.support.cases import Case, bought, desk_of, make_account, make_case, waiting
from tests.support.client import Visitor
from tests.support.lines import lined

OTHER_IBAN = "AT611904300234573201"


def flags_of(*vouchers: Voucher) -> list[list[str]]:
    """As the desk asks for them: with plain rows."""
    db.session.flush()
    rows = [SimpleNamespace(id=each.id, kind=each.kind, state=each.state) for each in vouchers]
    found = flags.flags_on(rows)
    return [found.get(each.id, []) for each in vouchers]


def sign(voucher: Voucher, *links: tuple[str, str]) -> None:
    """The agreement in force, signed by both with these links (side, words)."""
    exchange = voucher.exchange
    assert exchange
    version = AgreementVersion(exchange=exchange, number=1, **lined(objectives="x", guest_benefit="x", host_benefit="x"))
    version.first_day, version.last_day = exchange.first_day, exchange.last_day
    for side, link in links:
        version.signatures.append(Signature(side=side, signed_by=exchange.guest, link=link))
    db.session.add(version)
    db.session.flush()
    exchange.agreed_version_id = version.id


# Each kind of link, made by hand


def test_nothing_is_flagged_where_nothing_links(light: Case) -> None:
    light.take_to("requested")
    assert flags_of(light.voucher, bought(light.programme)) == [[], []]
    assert flags.flags_on([]) == {}


def the_organisations_share_an_account(case: Case) -> None:
    make_account(case.exchange.guest_organisation)
    make_account(case.exchange.host)


def holder_and_host_share_an_account(case: Case) -> None:
    make_account(case.holder)
    make_account(case.exchange.guest_organisation, OTHER_IBAN)
    make_account(case.exchange.host)


def the_holder_is_paid_where_the_employer_is(case: Case) -> None:
    make_account(case.holder)
    make_account(case.exchange.guest_organisation)
    make_account(case.exchange.host, OTHER_IBAN)


def an_account_that_is_no_longer_in_force(case: Case) -> None:
    make_account(case.holder, ended_at=clock.utc_now())
    make_account(case.exchange.host)


def somebody_works_for_both(case: Case) -> None:
    factories.make_membership(case.host, case.exchange.guest_organisation, Role.GUEST)


def somebody_who_left_worked_for_both(case: Case) -> None:
    somebody_works_for_both(case)
    case.host.active = False


def both_have_a_domain(case: Case) -> None:
    case.host.email, case.guest_coordinator.email = "ana@cluster.pt", "rui@cluster.pt"


def both_have_a_domain_of_one_employer(case: Case) -> None:
    case.host.email, case.guest_coordinator.email = "ana@physics.uni.co.uk", "rui@mail.uni.co.uk"


def both_are_academic(case: Case) -> None:
    case.host.email, case.guest_coordinator.email = "ana@leeds.ac.uk", "rui@york.ac.uk"


def both_have_a_public_domain(case: Case) -> None:
    case.host.email, case.guest_coordinator.email = "ana@gmail.com", "rui@gmail.com"
    case.host_coordinator.email, case.holder.email = "ana@web.de", "rui@web.de"


def who_has_the_domain_works_for_both(case: Case) -> None:
    """Said once: the colleague's own address links them no further."""
    somebody_works_for_both(case)
    case.host.email, case.guest_coordinator.email = "ana@cluster.pt", "rui@cluster.pt"


def the_host_declares(case: Case) -> None:
    sign(case.voucher, ("host", "My sister."), ("guest", ""))


def both_declare(case: Case) -> None:
    sign(case.voucher, ("host", "My sister."), ("guest", "My brother."))


def all_at_once(case: Case) -> None:
    the_organisations_share_an_account(case)
    somebody_works_for_both(case)
    case.host_coordinator.email, case.guest_coordinator.email = "ana@cluster.pt", "rui@cluster.pt"
    the_host_declares(case)


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        (the_organisations_share_an_account, ["Shares a bank account with the host"]),
        (holder_and_host_share_an_account, ["Shares a bank account with the host"]),
        (the_holder_is_paid_where_the_employer_is, ["Shares a bank account with their organisation"]),
        (an_account_that_is_no_longer_in_force, []),
        (somebody_works_for_both, ["Somebody works for both sides"]),
        (somebody_who_left_worked_for_both, []),
        (both_have_a_domain, ["Both sides share a mail domain"]),
        (both_have_a_domain_of_one_employer, ["Both sides share a mail domain"]),
        (both_are_academic, []),
        (both_have_a_public_domain, []),
        (who_has_the_domain_works_for_both, ["Somebody works for both sides"]),
        (the_host_declares, ["The host declares a link"]),
        (both_declare, ["Both sides declare a link"]),
        (
            all_at_once,
            [
                "The host declares a link",
                "Shares a bank account with the host",
                "Somebody works for both sides",
                "Both sides share a mail domain",
            ],
        ),
    ],
)
def test_each_link_of_a_mobility_voucher(light: Case, arrange: Callable[[Case], None], words: list[str]) -> None:
    light.take_to("requested")
    arrange(light)
    other = make_case("light", programme=light.programme, line=light.line).take_to("requested")
    assert flags_of(other, light.voucher) == [[], words]


def test_a_knowledge_voucher_names_the_provider(db_session: Any) -> None:
    programme = factories.make_programme()
    shared, holders, both, own = (bought(programme, **link) for link in LINKS)
    assert shared.provider
    make_account(shared.provider)
    make_account(shared.holder)
    own.provider = own.holder_organisation
    assert flags_of(shared, holders, both, own) == [
        ["Shares a bank account with the provider"],
        ["The holder declares a link"],
        ["Both sides declare a link"],
        ["The provider declares a link", "Somebody works for both sides"],
    ]


LINKS = ({}, {"holder_link": "We own it."}, {"holder_link": "We own it.", "provider_link": "So."}, {"provider_link": "So."})


def test_what_has_ended_is_not_looked_at(db_session: Any) -> None:
    programme = factories.make_programme()
    vouchers = [bought(programme, state=state, holder_link="x") for state in ("requested", "claimed", "paid", "rejected")]
    assert flags_of(*vouchers) == [["The holder declares a link"]] * 2 + [[], []]


def test_it_says_what_the_review_says(db_session: Any) -> None:
    """The rules of `related.findings` in Python and those here in SQL, on many made-up cases."""
    chance, programme = Random(7), factories.make_programme()
    places = [factories.make_organisation() for _ in range(6)]
    domains = [
        "cluster.pt",
        "mail.cluster.pt",
        "graz.at",
        "a.ac.uk",
        "b.ac.uk",
        "gmail.com",
        "outlook.pt",
        "lab.example",
        "example.org",
    ]
    people = [factories.make_user(email=f"p{number}@{chance.choice(domains)}") for number in range(14)]
    for person in people:
        person.active = chance.random() < 0.8
        for place in chance.sample(places, chance.choice((1, 1, 1, 2))):
            factories.make_membership(person, place, Role.GUEST, **chance.choice(LASTED))
        if chance.random() < 0.15:
            factories.make_membership(person, programme, Role.OWNER, **chance.choice(LASTED))
    for owner in chance.sample([*people, *places], 9):
        make_account(owner, chance.choice(("DE1", "DE2", "DE3", "DE4")))
    vouchers = [
        bought(
            programme,
            chance.choice(places),
            holder=chance.choice(people),
            holder_organisation_id=chance.choice(places).id,
            holder_link=chance.choice(("", "", "A cousin.")),
            requested_on=chance.choice((None, date(2027, 2, 25), date(2027, 2, 26), date(2027, 3, 1))),
        )
        for _ in range(60)
    ]
    for voucher in chance.sample(vouchers, 12):
        acted_as = chance.choice((Actor.OWNER, Actor.ASSESSOR, Actor.HOLDER))
        voucher.record("x", by=chance.choice(people), acted_as=acted_as, from_state="", to_state="", note="")
    found = queries.findings(vouchers)
    sure = {DECLARED: "declare", ACCOUNT: "account", PEOPLE: "Somebody works", DOMAIN: "domain", INTEREST: "Somebody who decides"}
    for voucher, words in zip(vouchers, flags_of(*vouchers), strict=True):
        kinds = {finding.kind for finding in found[voucher.id]}
        assert [kind for kind, word in sure.items() if word in " ".join(words)] == [kind for kind in sure if kind in kinds]
    assert {finding.kind for each in found.values() for finding in each} == set(sure)


# The 26th of February in Brussels begins within the second
LASTED: list[dict[str, Any]] = [
    {},
    {"since": date(2027, 1, 4)},
    {"since": date(2027, 1, 4), "until": datetime(2027, 2, 25, 22, 30, tzinfo=UTC)},
    {"since": date(2027, 1, 4), "until": datetime(2027, 2, 25, 23, 30, tzinfo=UTC)},
]


# On the page


def flags_in(page: Any) -> dict[int, list[str]]:
    """Voucher to the words of its flags, each a link to that voucher's section."""
    found: dict[int, list[str]] = {}
    for id, words in re.findall(r'<a class="desk-flag" href="/vouchers/(\d+)#links">.*?<span>(.*?)</span></a>', page.text, re.S):
        found.setdefault(int(id), []).append(unescape(words))
    return found


def test_the_desk_flags_the_row_and_leads_to_the_voucher(visitor: Visitor, light: Case) -> None:
    plain, linked = waiting(light, 2)
    make_account(plain.holder)
    make_account(linked.holder_organisation, OTHER_IBAN)
    assert linked.host
    make_account(linked.host, OTHER_IBAN)
    for person in (light.owner, light.assessor, light.finance_officer, light.auditor):
        client = visitor(person)
        assert flags_in(client.get(f"{desk_of(light)}?show=all")) == {linked.id: ["Shares a bank account with the host"]}
        assert 'id="links"' in client.get(f"/vouchers/{linked.id}").text
    assert OTHER_IBAN not in visitor(light.owner).get(desk_of(light)).text
    operations.reject(linked, by=light.owner, reason="Not this one.")
    assert flags_in(visitor(light.owner).get(f"{desk_of(light)}?show=all")) == {}
    assert plain.state == "requested"


@pytest.mark.parametrize("count", [1, 3, 25])
def test_flags_take_one_query_for_any_number(visitor: Visitor, queries: Any, light: Case, count: int) -> None:
    light.take_to("requested")
    linked = [bought(light.programme, holder_link="A cousin.", due_on=clock.today()) for _ in range(count)]
    for each in linked:
        make_account(each.holder)
        assert each.provider
        make_account(each.provider)
        factories.make_member(each.holder_organisation, Role.GUEST, email=f"a{each.id}@shared{each.id}.pt")
        factories.make_member(each.provider, Role.PROVIDER, email=f"b{each.id}@shared{each.id}.pt")
    client = visitor(light.owner)
    client.get(desk_of(light))
    with queries() as q:
        page = client.get(desk_of(light))
    words = ["The holder declares a link", "Shares a bank account with the provider", "Both sides share a mail domain"]
    assert flags_in(page) == {each.id: words for each in linked}
    assert q.count == DESK_QUERIES, q


DESK_QUERIES = 8  # who it is (2), the programme, the states, the rows (2), what links their parties, the budget lines


def test_people_are_told_apart_from_their_names(light: Case) -> None:
    """An address's domain is what follows the "@", whatever stands before it."""
    light.take_to("requested")
    light.host.email, light.guest_coordinator.email = "cluster.pt@graz.at", "cluster.pt@ljubljana.si"
    assert flags_of(light.voucher) == [[]]
