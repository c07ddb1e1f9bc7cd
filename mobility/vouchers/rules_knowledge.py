"""What a request for a knowledge voucher must say (P10), and who may ask; pure."""

from collections.abc import Iterable
from typing import Any

from mobility.matching.rules import country_refusal, programme_level_refusal
from mobility.people.models import Role
from mobility.programmes.rules import Preview
from mobility.themes.rules import Problem

ASKING_ROLES = (Role.GUEST, Role.COORDINATOR)
PROVIDING_ROLES = frozenset({Role.PROVIDER, Role.COORDINATOR})


def problems(voucher: Any, worth: Preview) -> list[Problem]:
    """Everything that stands against the request, in the order of the page; `worth` is what the rates make of the price."""
    return [*_programme_takes(voucher), *_described(voucher), *_priced(voucher, worth)]


def undeclared(voucher: Any, link: str) -> str | None:
    """One's own organisation can be the provider only if that is declared (product.md, related parties)."""
    provider = voucher.provider
    own = provider.id == voucher.holder_organisation_id or voucher.holder.roles_in(provider.id)
    return f"You belong to {provider.name} yourself: declare this link in a few words." if own and not link.strip() else None


def _programme_takes(voucher: Any) -> Iterable[Problem]:
    programme, home, holder = voucher.programme, voucher.holder_organisation, voucher.holder
    if not set(ASKING_ROLES) & holder.roles_in(home.id):
        yield Problem("organisation", f"You are not a guest or coordinator of {home.name} any more.")
    if refusal := country_refusal(home.country, programme.name, programme.eligible_countries):
        yield Problem("organisation", refusal)
    if refusal := programme_level_refusal(holder.level, programme.name, programme.eligible_levels):
        yield Problem("programme", refusal)


def _described(voucher: Any) -> Iterable[Problem]:
    """The holder confirms what the provider delivered, so nobody may be both."""
    provider = voucher.provider
    if not voucher.need.strip():
        yield Problem("need", "Say what you need, and what for.")
    if provider is None:
        yield Problem("provider", "Choose the provider.")
    elif PROVIDING_ROLES & voucher.holder.roles_in(provider.id):
        yield Problem(
            "provider",
            f"You act for {provider.name} yourself, so you could not confirm what it delivers. "
            "Choose another provider, or let a colleague ask.",
        )


def _priced(voucher: Any, worth: Preview) -> Iterable[Problem]:
    if voucher.price is None:
        yield Problem("price", "Write the agreed price.")
    elif worth.refusal:
        yield Problem(worth.field or "", worth.refusal)
