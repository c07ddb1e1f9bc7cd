"""What a cell is taken for: names, addresses, one or some of the allowed values. Pure; raises Wrong with what would be right."""

from collections.abc import Callable, Mapping
from functools import cache

from mobility.core.addresses import deliverable
from mobility.core.names import name_problem, person_name_problem, searchable
from mobility.core.wording import language_name
from mobility.people.places import country_choices
from mobility.people.regions import regions
from mobility.people.roles import KIND_LABELS, LEVEL_LABELS, ORGANISATION_ROLES, PROGRAMME_ROLES, ROLE_LABELS
from mobility.people.sectors import SECTORS
from mobility.people.topics import TOPICS
from mobility.spreadsheets import cells
from mobility.spreadsheets.cells import Cell, Wrong
from mobility.themes.languages import LANGUAGES

Labels = Callable[[], Mapping[str, str]]
NAME_LENGTH = 200


def name(cell: Cell) -> str:
    found = cells.line(cell)
    if len(found) > NAME_LENGTH:
        raise Wrong(f"Keep this to {NAME_LENGTH} characters.")
    if why := name_problem(found):
        raise Wrong(why)
    return found


def person(cell: Cell) -> str:
    found = name(cell)
    if why := person_name_problem(found):
        raise Wrong(why)
    return found


def address(cell: Cell) -> str:
    try:
        return deliverable(cells.line(cell))
    except ValueError as problem:
        raise Wrong(str(problem)) from None


def website(cell: Cell) -> str:
    found = cells.line(cell)
    if found and "://" not in found and "." in found and " " not in found:
        found = f"https://{found}"
    if found and (not found.startswith(("https://", "http://")) or len(found) > 300 or " " in found):
        raise Wrong("Begin with https://, such as https://www.example.org.")
    return found


def up_to(most: int) -> Callable[[Cell], str]:
    def take(cell: Cell) -> str:
        found = cells.text(cell)
        if len(found) > most:
            raise Wrong(f"Keep this to {most} characters; it has {len(found)}.")
        return found

    return take


@cache
def _keys(labels: Labels) -> dict[str, str]:
    """What may be written -> the value: the label or the key, capitals and accents do not matter."""
    every = labels()
    return {searchable(key.replace("_", " ")): key for key in every} | {searchable(label): key for key, label in every.items()}


def one_of(labels: Labels) -> Callable[[Cell], str]:
    def take(cell: Cell) -> str:
        found = _keys(labels).get(searchable(cells.line(cell)).replace("_", " "))
        if found is None:
            raise Wrong(_write_one_of(labels))
        return found

    return take


def _write_one_of(labels: Labels) -> str:
    every = list(labels().values())
    if len(every) > 12:
        return "Write one of the values that the template's sheet “Allowed values” lists."
    return f"Write one of: {', '.join(every)}."


def some_of(labels: Labels, limit: Callable[[list[str]], str | None] = lambda found: None) -> Callable[[Cell], list[str]]:
    """Several, separated by semicolons; by commas where no value has one."""

    def take(cell: Cell) -> list[str]:
        words = cells.line(cell)
        known = _keys(labels)
        parts = [searchable(each) for each in words.replace("\n", ";").split(";") if each.strip()]
        if any(each not in known for each in parts):
            parts = [searchable(each) for each in words.replace(";", ",").split(",") if each.strip()]
        if unknown := next((each for each in parts if each not in known), None):
            raise Wrong(f"“{unknown}” is none of the allowed values. Separate several by semicolons. {_write_one_of(labels)}")
        found = list(dict.fromkeys(known[each] for each in parts))
        if why := limit(found):
            raise Wrong(why)
        return found

    return take


def country(cell: Cell) -> str:
    words = searchable(cells.line(cell))
    found = _countries().get(words)
    if found is None:
        raise Wrong("Write the country's English name, or its code of two letters: Austria or AT.")
    return found


@cache
def _countries() -> dict[str, str]:
    named = {searchable(name): code for code, name in country_choices()}
    return named | {code.lower(): code for code, _ in country_choices()} | {"uk": "GB", "el": "GR"}


def country_labels() -> dict[str, str]:
    return dict(country_choices())


def roles() -> dict[str, str]:
    return {each.value: ROLE_LABELS[each] for each in (*ORGANISATION_ROLES, *PROGRAMME_ROLES)}


def languages() -> dict[str, str]:
    return {each: language_name(each) for each in LANGUAGES}


def region_of(country: str, words: str) -> str | None:
    """The region's code; None: there is no such one in this country."""
    known = regions(country)
    wanted = searchable(words)
    return next((code for code, name in known.items() if wanted in (searchable(name), code.lower())), None)


def kinds() -> dict[str, str]:
    return {each.value: label for each, label in KIND_LABELS.items()}


def levels() -> dict[str, str]:
    return {each.value: label for each, label in LEVEL_LABELS.items()}


def sectors() -> dict[str, str]:
    return SECTORS


def topics() -> dict[str, str]:
    return TOPICS
