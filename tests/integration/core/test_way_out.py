"""Signing out is in sight on every page of whoever is signed in."""

from mobility.people.roles import Role
from tests.support.cases import Case
from tests.support.client import Visitor
from tests.support.factories import make_membership, make_user
from tests.support.walking import pages_for


def test_on_every_page(full: Case, visitor: Visitor) -> None:
    full.take_to("claimed")
    make_membership(full.owner, full.exchange.host, Role.COORDINATOR)
    met: set[str] = set()
    for person in (full.owner, full.holder, full.finance_officer, make_user(is_administrator=True)):
        for seen in pages_for(visitor(person), go=lambda address: not address.startswith("/exchanges/")):  # made directly
            if seen.address.endswith("/html"):  # a mail as it looks, in a frame
                continue
            assert 'action="/sign-out"' in seen.page, seen.address
            met.add(seen.kind)
    assert len(met) > 60, sorted(met)
