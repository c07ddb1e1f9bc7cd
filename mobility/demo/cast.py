"""Who and what the demonstration starts from: organisations, people, programmes and the themes to be published."""

import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from mobility.core import clock
from mobility.core.database import db
from mobility.paying.models import PayingAccount
from mobility.people import operations as people
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.programmes import operations as programmes
from mobility.programmes.models import Programme
from mobility.rates import operations as rates
from mobility.rates.examples import example_cards
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.vouchers.kinds import KNOWLEDGE, MOBILITY, kind_of
from mobility.workflows.table import SYSTEM

DOMAIN = "mobility.example"  # of everybody's address
HERE = Path(__file__).parent
RULES = (
    "about", "timezone", "country", "eligible_countries", "eligible_levels",
    "minimum_days", "maximum_days", "validity_months",
)  # fmt: skip
CARD_NAME = "Lump sums by host country"
BEFORE_ALL = -1100  # days from today: before the first of its calls


@dataclass
class Cast:
    """Everybody and everything of the demonstration by key; `today` is the day it is loaded on.

    `offices` are those who play a role in an organisation or a programme, `directors` (name, address) those of organisations.
    """

    today: date
    organisations: dict[str, Organisation] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    guests: list[User] = field(default_factory=list)
    home: dict[int, Organisation] = field(default_factory=dict)
    offices: dict[tuple[str, str], list[User]] = field(default_factory=dict)
    directors: dict[int, tuple[str, str]] = field(default_factory=dict)
    cards: dict[int, dict[str, Any]] = field(default_factory=dict)  # lump sums of programmes

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def coordinator(self, organisation: Organisation) -> User:
        return self.offices["coordinator", organisation.name][0]

    def officer(self, programme: Programme, role: str, number: int = 0) -> User:
        return self.offices[role, programme.name][number]


def read(name: str) -> list[dict[str, Any]]:
    """The entries of one of the data files here."""
    return list(tomllib.loads((HERE / f"{name}s.toml").read_text("utf-8"))[name])


def assemble(today: date) -> Cast:
    """Organisations with their people, programmes with their calls, budgets, rates and people, and an administrator."""
    cast = Cast(today)
    for entry in read("organisation"):
        _organisation(cast, entry)
    for entry in read("programme"):
        _programme(cast, entry)
    note = "Runs the installation: organisations, accounts, programmes, outbox."
    administrator = _person(cast, {"name": "Robin Keller", "note": note})
    administrator.is_administrator = True
    db.session.flush()
    return cast


def _organisation(cast: Cast, entry: dict[str, Any]) -> None:
    facts = {name: entry[name] for name in ("name", "kind", "country", "city", "sectors", "about")}
    facts["topics"] = entry.get("topics", [])
    organisation = people.create_organisation(**facts)
    cast.organisations[entry["key"]] = organisation
    if "director" in entry:
        cast.directors[organisation.id] = (entry["director"], address_of(entry["director"]))
    for person in entry["people"]:
        user = _person(cast, person)
        cast.home[user.id] = organisation
        for role in person["roles"]:
            db.session.add(Membership(user=user, organisation_id=organisation.id, role=role, until=_left(cast, person)))
        if "left" in person:
            continue
        for role in person["roles"]:
            cast.offices.setdefault((role, organisation.name), []).append(user)
        if "guest" in person["roles"]:
            cast.guests.append(user)


def _programme(cast: Cast, entry: dict[str, Any]) -> None:
    programme = programmes.create_programme(
        by=SYSTEM,
        name=entry["name"],
        level=entry["level"],
        scheme=entry["scheme"],
        **{name: entry[name] for name in RULES if name in entry},
    )
    call = programmes.create_call(programme, by=SYSTEM, name=entry["call"], opens_on=cast.day(-420))
    for kind, amount in ((MOBILITY, entry["budget"]), (KNOWLEDGE, entry.get("knowledge_budget"))):
        if amount:
            programmes.create_budget_line(call, by=SYSTEM, voucher_kind=kind, name=kind_of(kind).plural, amount=Decimal(amount))
    _rates(cast, programme, entry)
    cast.programmes[entry["key"]] = programme
    for person in entry["people"]:
        user = _person(cast, person)
        db.session.add(Membership(user=user, programme_id=programme.id, role=person["role"], until=_left(cast, person)))
        if "left" not in person:
            cast.offices.setdefault((person["role"], programme.name), []).append(user)
    _pays_from(cast, programme, entry["account"])


def _pays_from(cast: Cast, programme: Programme, iban: str) -> None:
    """One officer had proposed the account, another had confirmed it, before anything was paid."""
    one, other, *_ = [
        user for role in (Role.FINANCE_OFFICER, Role.OWNER) for user in cast.offices.get((role, programme.name), ())
    ]
    then = clock.noon_of(cast.day(BEFORE_ALL))
    signed = {"proposed_by": one, "proposed_at": then, "confirmed_by": other, "confirmed_at": then, "usable_from": then}
    db.session.add(PayingAccount(programme=programme, holder_name=programme.name, iban=iban, **signed))


def _left(cast: Cast, person: dict[str, Any]) -> datetime | None:
    return clock.noon_of(cast.day(person["left"])) if "left" in person else None


def _rates(cast: Cast, programme: Programme, entry: dict[str, Any]) -> None:
    """Lump sums, or travel bands and days after the card that ships as an example; of knowledge vouchers a share of the price."""
    if "bands" in entry:
        name, components = "Travel and days", travel_and_days(entry["bands"])
    else:
        name, components = CARD_NAME, [lump_sums(entry["card"])]
        cast.cards[programme.id] = entry["card"]
    rates.save_rate_card(programme, by=SYSTEM, name=name, components=components)
    if "knowledge_budget" in entry:
        share = example_cards()["knowledge_voucher_like"]["components"]
        rates.save_rate_card(programme, by=SYSTEM, name="Share of the price", components=share, voucher_kind=KNOWLEDGE)
    if "de_minimis_ceiling" in entry:
        programme.de_minimis_ceiling = Decimal(entry["de_minimis_ceiling"])


def lump_sums(card: dict[str, Any]) -> dict[str, Any]:
    """The component of a card of lump sums by host country."""
    return {
        "component": "lump_by_country",
        "minimum_working_days": card["minimum_working_days"],
        "reduction": {"factor": "0.5", "if_working_days_under": 4, "or_km_under": 200},
        "amounts": {country: f"{amount}.00" for country, amount in card["amounts"].items()},
    }


def travel_and_days(groups: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The components of a card of travel bands and days; `groups` of host countries."""
    components = example_cards()["erasmus_staff_like"]["components"]
    travel, days = components
    days["groups"] = groups
    travel["bands"].append({"from_km": 3000, "to_km": 4999, "standard": "580.00", "green": "785.00"})
    return list(components)


def _person(cast: Cast, entry: dict[str, Any]) -> User:
    user = User(
        email=address_of(entry["name"]),
        name=entry["name"],
        level=entry.get("level"),
        locale=entry.get("locale", "en_GB"),
        demo_note=entry.get("note", ""),
    )
    db.session.add(user)
    db.session.flush()
    return user


def address_of(name: str) -> str:
    return f"{_plain(name)}@{DOMAIN}"


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("ł", "l")).encode("ascii", "ignore").decode()
    return letters.lower().replace(" ", ".")


def publish_theme(cast: Cast, entry: dict[str, Any], today: date) -> Theme:
    """Write one of the themes and, unless it stays a draft, publish it. `today` is the day it is loaded on."""
    host = cast.organisations[entry["host"]]
    by = cast.coordinator(host)
    theme = themes.create(
        by=by,
        host=host,
        programme=cast.programmes[entry["programme"]],
        title=entry["title"],
        summary=entry["summary"],
        learning_offered=entry["learning"],
        benefit_wanted=entry["benefit"],
        levels=entry["levels"],
        sectors=entry["sectors"],
        topics=entry["topics"],
        languages=entry["languages"],
        minimum_days=entry["days"][0],
        maximum_days=entry["days"][1],
        places=entry["places"],
        windows=[tuple(today + timedelta(days=offset) for offset in window) for window in entry["windows"]],
    )
    if entry.get("state") != "draft":
        themes.publish(theme, by=by)
    return theme
