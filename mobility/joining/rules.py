"""When a name or a site is that of an organisation which is here already; what is a robot's. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz
from text_unidecode import unidecode

from mobility.core.names import searchable
from mobility.joining.workflow import ASKED, CHECKING, JOINED, RETURNED
from mobility.people.domains import own_domain, site_domain

LINK_LASTS = timedelta(hours=24)
QUICKEST = timedelta(seconds=3)  # in which nobody reads the page and types an address
OLDEST = timedelta(hours=12)
MOST_OPEN = 3  # requests of one person
MOST_RESEMBLING = 6
ALIKE = 86  # of 100: "Styrian Automotive Cluster" and "Automotive Cluster Styria" are, "Mur Cluster" and "Mura Klub" are not
SHARED = 2  # a domain that people of more organisations have says nothing

# What stands beside the name, in the languages of Europe; as `core` leaves it: no capitals, accents, points
LEGAL_FORMS = frozenset(
    "ab ag aisbl aps as asbl bv cic coop cooperative dd doo e ead ead eg eeig eood ev ev eu fmba foundation fundacja fundacion "
    "fundacao gemeinnutzige geie gie ggmbh gmbh gmbhco gesmbh inc kft kg kda ltd llc llp lda ltda mbh nv oe og ood oy oyj plc "
    "pte ry sa sarl sas sas scarl scrl sia sl slu snc soc spa spol sro srl srls stichting uab ug vzw zrt zs".split()
)
FILLERS = frozenset("the of and for und der die das fur et de la le les du des per e di del della do da dos i y el en".split())
_APART = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True)
class Known:
    """An organisation that is here, as it is compared."""

    id: int
    name: str
    country: str
    city: str
    website: str


@dataclass(frozen=True)
class Resembling:
    """One that could be the same, with what they share, in words; the likeliest first."""

    known: Known
    reasons: tuple[str, ...]
    likeness: int


@lru_cache(maxsize=32768)
def core(name: str) -> str:
    """What is left of a name without capitals, accents, punctuation and legal forms; other alphabets in ours."""
    plain = unidecode(searchable(name[:200])).lower().replace(".", "")
    words = [each for each in _APART.split(plain) if each]
    return " ".join([each for each in words if each not in LEGAL_FORMS | FILLERS] or words)


def resembling(name: str, *, country: str, city: str, website: str, email: str, known: Iterable[Known]) -> list[Resembling]:
    """Those that could be meant by what somebody types."""
    typed = core(name)
    domains = {each for each in (site_domain(website), own_domain(email)) if each}
    found = [each for one in known if (each := _likeness(typed, country, searchable(city), domains, one))]
    found.sort(key=lambda each: (-each.likeness, each.known.name, each.known.id))
    return found[:MOST_RESEMBLING]


def _likeness(typed: str, country: str, city: str, domains: set[str], one: Known) -> Resembling | None:
    there = one.country == country and searchable(one.city) == city
    score, reasons = _same_name(typed, core(one.name), there)
    if (domain := site_domain(one.website)) and domain in domains:
        score, reasons = score + 100, [*reasons, f"has the website {domain}"]
    if not reasons:
        return None
    return Resembling(one, (*reasons, *["is in the same city"] * there), score + 20 * there)


def _same_name(typed: str, name: str, there: bool) -> tuple[int, list[str]]:
    if not typed or not name:
        return 0, []
    if typed == name:
        return 120, ["has the same name, written differently"]
    ratio = max(fuzz.token_sort_ratio(typed, name), shared_triples(typed, name))
    part = fuzz.token_set_ratio(typed, name) if min(len(typed.split()), len(name.split())) > 1 or there else 0
    if ratio < ALIKE - 6 * there and part < 100:
        return 0, []
    return round(max(ratio, part - 10)), ["has a similar name"]


def hints(domains: Sequence[tuple[int, str]]) -> list[int]:
    """The organisations to which a mail's domain leads, of (organisation, why); none where it leads to many."""
    ids = list(dict.fromkeys(id for id, _ in domains))
    return ids if len(ids) <= SHARED else []


def opened_problem(opened: datetime | None, now: datetime) -> str | None:
    """Why a form was not sent by a person: too soon after it was opened, or with no sign of having been opened here."""
    if opened is None or now - opened > OLDEST or opened > now:
        return "This page was open for too long. Please send it once more."
    if now - opened < QUICKEST:
        return "That was very quick. Please look at your address again, and send it once more."
    return None


def throttle_key(email: str) -> str:
    """The mailbox behind an address: what stands after a plus leads to the same one."""
    local, _, domain = email.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def shared_triples(one: str, other: str) -> float:
    """How many of three letters in a row two names share, of 100: also where words are put together in another order, as in
    "Holzcluster Donau" and "Donau Holz Cluster"."""
    ours, theirs = _triples(one), _triples(other)
    return 200 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0


@lru_cache(maxsize=32768)
def _triples(name: str) -> frozenset[str]:
    plain = name.replace(" ", "")
    return frozenset(plain[start : start + 3] for start in range(len(plain) - 2))


# Where a request stands


@dataclass(frozen=True)
class Step:
    """One step as the line of steps shows it (templates/macros/journey.html)."""

    label: str
    status: str
    when: date | None = None
    who: str = ""
    until: date | None = None
    today: date | None = None
    url: None = None


def steps_of(request: Any, *, asked_on: date, who: str, mine: bool, today: date) -> list[Step]:
    """Asked, checked (a new organisation, or one that nobody coordinates), answered by the organisation, joined."""
    now = Step("", "mine" if mine else "theirs", who=who, until=request.due_on, today=today)
    steps = [Step("Asked", "done", asked_on)]
    if request.state == RETURNED:
        steps.append(_named(now, "Answer to a question"))
    checked = request.new_name is not None or request.state == CHECKING
    if checked:
        steps.append(_check(request, now))
    if not request.is_new and request.state != CHECKING:
        steps.append(_answered(request, now))
    return [*steps, Step("Joined", {JOINED: "done"}.get(request.state, "ahead"))]


def _check(request: Any, now: Step) -> Step:
    if request.state == CHECKING:
        return _named(now, "Check")
    over = request.workflow.state(request.state).kind == "stopped" and request.is_new
    return Step("Check", "stopped" if over else "ahead" if request.state == RETURNED and request.is_new else "done")


def _answered(request: Any, now: Step) -> Step:
    label = "The organisation's answer"
    if request.state == ASKED:
        return _named(now, label)
    if request.state == JOINED:
        return Step(label, "done")
    return Step(label, "stopped" if request.workflow.state(request.state).kind == "stopped" else "ahead")


def _named(step: Step, label: str) -> Step:
    return Step(label, step.status, step.when, step.who, step.until, step.today)
