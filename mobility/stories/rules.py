"""What a story consists of, what it lacks, its figures, and how it is addressed. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from text_unidecode import unidecode

from mobility.consents.rules import WITH_NAMES
from mobility.core.errors import Problem
from mobility.core.names import searchable
from mobility.core.wording import country_name, format_day, format_days
from mobility.people.roles import KIND_LABELS, OrganisationKind
from mobility.questionnaires.items import WHY
from mobility.stories.workflow import HOST_VIEW, STORY

MOST_PICTURES = 4
SLUG_LENGTH = 60
DESCRIPTION = 200  # characters of a summary in feeds and search results


@dataclass(frozen=True)
class Chapter:
    """One field of a story: its key, its heading, and what is asked of whoever writes it."""

    key: str
    label: str
    help: str
    wanted: bool = True
    rows: int = 5
    part: str = STORY


TITLE = Chapter("title", "Title", "What was achieved, in one line.")
CHAPTERS = (
    Chapter("context", "Context and need", "Where you stood before, and what you needed."),
    Chapter("exchange", "The exchange", "Who went where, and what you did there.", rows=4),
    Chapter(
        "taken_over", "What was taken over", "What you do differently now. One thing on each line, if there are several.", rows=4
    ),
    Chapter("took", "What it took", "Time, money, people, persuasion: what others should reckon with.", rows=4),
    Chapter("evidence", "Evidence", "How one can see that it works: figures, documents, links.", wanted=False, rows=3),
    Chapter("transfer", "What others can transfer", "What would work elsewhere, and what is needed for it."),
    Chapter("not_worked", "What did not work", "What you would not do again. Readers learn most from it.", rows=4),
    Chapter(
        "host_view", "The host’s view", "What the visit gave you, and what you have taken from it.", wanted=False, part=HOST_VIEW
    ),
    Chapter("strategy", "The strategy it serves", "Such as your region’s smart specialisation strategy.", wanted=False, rows=2),
)
_SERVICE = {  # what is asked for otherwise where a story is told of a voucher's service
    "exchange": ("The service", "What was bought from whom, and what they did for you."),
    "host_view": ("The provider’s view", "What the work gave you, and what you have taken from it."),
}
SERVICE_CHAPTERS = tuple(
    replace(each, label=_SERVICE[each.key][0], help=_SERVICE[each.key][1]) if each.key in _SERVICE else each for each in CHAPTERS
)
EXCHANGE, SERVICE = "exchange", "service"  # what a story is told of


class Words(NamedTuple):
    """How pages and papers call the two sides, their day or days, and what it is told of."""

    guest: str
    host: str
    when: str
    this: str
    chapters: tuple[Chapter, ...]


WORDS = {
    EXCHANGE: Words("Guest", "Host", "Visit", "exchange", CHAPTERS),
    SERVICE: Words("Holder", "Provider", "Delivered", "service", SERVICE_CHAPTERS),
}
TOLD = (TITLE, *CHAPTERS)
WHOLE = "whole"  # a comment on all of it
COMMENTED = (*(each.key for each in TOLD), WHOLE)
OF_PART = {part: tuple(each for each in TOLD if each.part == part) for part in (STORY, HOST_VIEW)}


def words_of(names: Mapping[str, Any]) -> Words:
    """Versions from before there were stories of services are of exchanges."""
    return WORDS[names.get("about", EXCHANGE)]


def problems(
    texts: Mapping[str, Any], pictures: Sequence[Mapping[str, Any]], chapters: Sequence[Chapter] = CHAPTERS
) -> list[Problem]:
    """All that a draft lacks before it can be reviewed, each at its field."""
    wanted = [each for each in (TITLE, *chapters) if each.wanted and not texts.get(each.key)]
    found = [Problem(each.key, f"Write something under “{each.label}”.") for each in wanted]
    undescribed = [str(number) for number, each in enumerate(pictures, 1) if not each["alt"]]
    if undescribed:
        which = f"picture {undescribed[0]}" if len(undescribed) == 1 else f"the pictures {', '.join(undescribed)}"
        found.append(Problem("alts", f"Describe {which} for those who cannot see."))
    return found


# Figures


class Figure(NamedTuple):
    """A number and what it counts, in words."""

    number: str
    label: str


CHANGES = {
    "service": ("new service", "new services"),
    "tool": ("new tool", "new tools"),
    "procedure": ("new procedure", "new procedures"),
    "policy_instrument": ("policy instrument", "policy instruments"),
}
JOINT = {
    "project": ("joint project", "joint projects"),
    "proposal": ("joint proposal", "joint proposals"),
    "introduction": ("member introduced", "members introduced"),
}
COUNTED = {
    "members_served": ("member benefits", "members benefit"),
    "in_use": ("thing taken over is in use", "things taken over are in use"),
    **CHANGES,
    **JOINT,
}
LEVERAGED = "leveraged"


def figures(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the answers about an exchange or a voucher give, by the questionnaires' keys, without zeros: {figure: number},
    money as text."""
    year, half = answers.get("month_12", {}), answers.get("month_6", {})
    sides = (half, answers.get("month_6_host", {}), answers.get("applied", {}))
    states: Mapping[str, str] = next(
        (found for each in (year, half, answers.get("month_3", {})) if (found := each.get("take_over_states"))), {}
    )
    found = {
        "in_use": sum(state == "in_use" and not key.endswith(WHY) for key, state in states.items()),
        "members_served": year.get("members_served") or 0,
        **{kind: _changes(sides, kind) for kind in CHANGES},
        **{kind: max(int((each.get("joint") or {}).get(kind) or 0) for each in sides) for kind in JOINT},
    }
    counted = {key: int(number) for key, number in found.items() if int(number)}
    money = Decimal(year.get(LEVERAGED) or 0)
    return {**counted, LEVERAGED: str(money)} if money else counted


def _changes(sides: Sequence[Mapping[str, Any]], kind: str) -> int:
    return sum(row.get("kind") == kind for each in sides for row in each.get("changes") or [])


def in_words(found: Mapping[str, Any], money: Callable[[Decimal], str]) -> list[Figure]:
    """The figures of a story as a reader sees them; `money` writes an amount."""
    words = [
        Figure(str(found[key]), one if found[key] == 1 else several) for key, (one, several) in COUNTED.items() if key in found
    ]
    if LEVERAGED in found:
        words.append(Figure(money(Decimal(found[LEVERAGED])), "brought in since"))
    return words


# How it is shown


class Names(NamedTuple):
    """What a story calls those it is about: as they agreed to it, however they are called later.

    Of a service the guest is the holder, the host the provider, the theme the voucher's title; both days are the delivery's.
    """

    theme: str
    programme: str
    currency: str
    first_day: str
    last_day: str
    sectors: list[str]
    host: str
    host_kind: str
    host_city: str
    host_country: str
    guest: str
    guest_kind: str
    guest_city: str
    guest_country: str
    about: str = EXCHANGE


def stay_in_words(names: Mapping[str, Any], guests: int) -> str:
    """The first words of "The exchange", from what is known; of "The service" service_in_words gives them."""
    days = format_days((date.fromisoformat(names["first_day"]), date.fromisoformat(names["last_day"])))
    who = f"{guests} colleagues" if guests > 1 else "One colleague"
    return f"{who} from {names['guest']} ({names['guest_city']}) visited {names['host']} in {names['host_city']}, {days}."


def service_in_words(names: Mapping[str, Any], need: str) -> str:
    day = format_day(date.fromisoformat(names["last_day"]))
    seller = f"{names['host']} in {names['host_city']}"
    bought = f"{names['guest']} ({names['guest_city']}) bought a service from {seller}, delivered on {day}."
    return f"{bought}\n{need}" if need else bought


def called(names: Mapping[str, Any], side: str, publish: str) -> str:
    """A side in words: with its name and place, or by its kind and country alone."""
    country = country_name(names[f"{side}_country"])
    if publish == WITH_NAMES:
        return f"{names[side]}, {names[f'{side}_city']}, {country}"
    return f"{KIND_LABELS[OrganisationKind(names[f'{side}_kind'])]}, {country}"


def named_in(texts: Mapping[str, Any], pictures: Sequence[Mapping[str, Any]], names: Mapping[str, Any]) -> str:
    """Which name stands in what was written, so that it cannot be told without names: an organisation's, or as the title the
    theme's; "" if none does."""
    served = [each["words"] for each in texts.get("serves", ())]
    told = [*(texts.get(each.key) or "" for each in TOLD), *(each["alt"] for each in pictures), *served]
    written = searchable("\n".join(told))
    if searchable(texts.get(TITLE.key) or "") == searchable(names["theme"]):
        return str(names["theme"])
    return next((names[side] for side in ("guest", "host") if _stands_in(searchable(names[side]), written)), "")


def _stands_in(name: str, written: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", written) is not None


def slug(title: str, id: int) -> str:
    """The end of a story's address: "a-price-list-for-test-plants-12"."""
    words = re.sub(r"[^a-z0-9]+", "-", unidecode(title).lower()).strip("-")
    if len(words) > SLUG_LENGTH:
        cut = words[:SLUG_LENGTH]
        words = cut.rpartition("-")[0] or cut
    return f"{words or 'story'}-{id}"


def id_in(address: str) -> int | None:
    """The id at the end of such an address; None if there is none that the database could hold."""
    number = address.rpartition("-")[2]
    return int(number) if re.fullmatch(r"[1-9][0-9]{0,9}", number, re.ASCII) and int(number) < 2**31 else None


def summary(texts: Mapping[str, Any]) -> str:
    """The beginning of it in one line: for feeds, search engines and cards."""
    words = " ".join((texts.get("taken_over") or texts.get("context") or "").split())
    return words if len(words) <= DESCRIPTION else f"{words[:DESCRIPTION].rpartition(' ')[0] or words[:DESCRIPTION]} …"
