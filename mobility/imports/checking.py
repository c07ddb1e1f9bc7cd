"""The dry run: each cell is looked at, alone and with what is there already; what comes of it is a plan, or faults by cell.

Reads only. Entering makes the plan anew, in its transaction, so that nothing rests on what has changed meanwhile.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.core.names import name_key
from mobility.imports import queries, rules
from mobility.imports.kinds import ORGANISATIONS, PEOPLE, THEMES
from mobility.imports.models import Import
from mobility.imports.rules import MOST_FAULTS, Plan
from mobility.movingin.checking import Look
from mobility.movingin.kinds import EXCHANGES
from mobility.people.models import User
from mobility.people.operations import find_place
from mobility.people.roles import ORGANISATION_ROLES, ROLE_LABELS, Role, a_role
from mobility.programmes.models import Programme
from mobility.spreadsheets import cells
from mobility.spreadsheets.cells import Cell, Odd, Wrong
from mobility.spreadsheets.columns import Column, Kind, Row
from mobility.spreadsheets.values import region_of
from mobility.themes import rules as theme_rules
from mobility.themes.rules import Window

MOST_UNKNOWN_CITIES = 40  # for which similar names are looked up: each takes some 20 ms


def check(batch: Import) -> Plan:
    return Check(batch).plan()


class Check:
    def __init__(self, batch: Import) -> None:
        self.batch, self.made = batch, Plan()
        self.organisations = queries.known_organisations()  # name key -> (id, name, country, closed_at)
        self.new: dict[str, Row] = {}
        self.programmes = queries.known_programmes()
        self.wanted: dict[tuple[str, str | None, int | None, str], Row] = {}
        self.places: dict[tuple[str, str], str | None] = {}
        self.unknown_cities = 0
        self.likeness = rules.Likeness({key: known.name for key, known in self.organisations.items()})

    def plan(self) -> Plan:
        for row in self.rows(ORGANISATIONS):
            self.organisation(row)
        people = list(self.rows(PEOPLE))
        self.accounts = queries.known_accounts({row.facts["email"] for row in people if "email" in row.facts})
        for row in people:
            self.person(row)
        themes = list(self.rows(THEMES))
        self.titles = queries.known_themes(self.batch.programme_id) if themes else set()
        self.hosts = queries.taking_part(self.batch.by) if themes and self.batch.as_owner else set()
        for row in themes:
            self.theme(row)
        if exchanges := list(self.rows(EXCHANGES)):
            self.made.exchanges = self.look().arrivals(exchanges)
        return self.made

    def look(self) -> Look:
        """Of running exchanges, in the eyes of whoever answers for them."""
        batch, pressed = self.batch, self.batch.report.get("pressed_by")
        by = db.session.get_one(User, pressed) if pressed else batch.by
        return Look(batch.programme, by, self.fault, self.warn, partial(self.note, self.made.same))

    # Cells

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Those of all sheets of a kind, each of their cells taken for itself."""
        for sheet in self.batch.sheets:
            if sheet.get("kind") != kind.key:
                continue
            for number, found in sheet["rows"]:
                row = Row(sheet["name"], number, sheet["columns"], found)
                if not rules.is_help_line(kind, row.columns, found):
                    self.take(kind, row)
                    yield row

    def take(self, kind: Kind, row: Row) -> None:
        for column in kind.columns:
            cell = row.cell(column.key)
            odd = isinstance(cell, dict) and Odd.MERGED in cell
            if cells.is_empty(cell) and not odd:
                if column.needed:
                    self.fault(row, column.key, f"Fill this in: {column.help[0].lower()}{column.help[1:]}")
                continue
            try:
                row.facts[column.key] = self.taken(column, cell)
            except Wrong as wrong:
                self.fault(row, column.key, str(wrong))

    def taken(self, column: Column, cell: Cell) -> Any:
        if isinstance(cell, dict) and cells.DAY not in cell:
            cells.text(cell)  # says what is odd about it
        if isinstance(cell, dict) and column.take is not cells.day:
            raise Wrong("The spreadsheet has a day here. Format the cell as text, and write what is meant.")
        return column.take(cell)

    def fault(self, row: Row, key: str, right: str) -> None:
        row.wrong = True
        self.made.count_of_faults += 1
        if len(self.made.faults) >= MOST_FAULTS:
            return
        found = cells.shown(row.cell(key))[:120]
        about = {"sheet": row.sheet, "row": row.number, "column": self.letter(row, key), "found": found, "right": right}
        self.made.faults.append(about)

    def warn(self, row: Row, key: str, words: str) -> None:
        """It can be, and has to be looked at."""
        found = cells.shown(row.cell(key))[:120]
        self.note(self.made.warnings, row, found, words, column=self.letter(row, key))

    def letter(self, row: Row, key: str) -> str:
        at = row.columns.get(key, -1)
        return xl_col_to_name(at) if at >= 0 else ""

    def note(self, where: list[dict[str, Any]], row: Row, found: str, words: str, **more: Any) -> None:
        where.append({"sheet": row.sheet, "row": row.number, "found": found, "words": words, **more})

    # Organisations

    def organisation(self, row: Row) -> None:
        self.place(row)
        if "region" in row.facts and "country" in row.facts:
            self.region(row)
        if "name" not in row.facts:
            return None
        key = name_key(row.facts["name"])
        if self.is_closed(row, "name", key):
            return None
        if known := self.organisations.get(key):
            return self.known(row, known.name, known.country, "is here already, and is used as it is")
        if twin := self.new.get(key):
            return self.known(
                row, twin.facts["name"], twin.facts.get("country"), f"is in row {twin.number} already, and is taken once"
            )
        if close := self.likeness.of(row.facts["name"]):
            self.note(self.made.alike, row, row.facts["name"], f"resembles “{close}”")
        self.new[key] = row
        self.likeness.add(key, row.facts["name"])
        self.made.organisations.append(row)
        return None

    def known(self, row: Row, name: str, country: str | None, words: str) -> None:
        if country and row.facts.get("country") not in (None, country):
            self.fault(
                row,
                "name",
                f"There is already an organisation of this name in another country ({country}). Tell them apart in the name.",
            )
        else:
            self.note(self.made.same, row, row.facts["name"], words)

    def is_closed(self, row: Row, column: str, key: str) -> bool:
        """Nobody acts for it any more: nothing is moved in there."""
        known = self.organisations.get(key)
        if known is None or known.closed_at is None:
            return False
        self.fault(row, column, f"{known.name} is closed. Name the organisation that goes on.")
        return True

    def place(self, row: Row) -> None:
        country, city = row.facts.get("country"), row.facts.get("city")
        if not country or not city:
            return
        key = (country, city)
        if key not in self.places:
            self.places[key] = self.problem_of_place(country, city)
        if problem := self.places[key]:
            self.fault(row, "city", problem)

    def problem_of_place(self, country: str, city: str) -> str | None:
        if self.unknown_cities >= MOST_UNKNOWN_CITIES and not queries.is_city(country, city):
            return "We do not know this city. Check the country, or name the nearest larger city."
        try:
            find_place(country, city)
        except Refusal as refusal:
            self.unknown_cities += 1
            return refusal.message
        return None

    def region(self, row: Row) -> None:
        code = region_of(row.facts["country"], row.facts["region"])
        if code is None:
            self.fault(
                row,
                "region",
                "There is no such region of this country that has holidays of its own. Leave it empty, or correct it.",
            )
        else:
            row.facts["region"] = code

    # People

    def person(self, row: Row) -> None:
        email, name = row.facts.get("email"), row.facts.get("name")
        if email and name:
            self.account(row, email, name)
        if "role" not in row.facts:
            return self.without_role(row)
        role = Role(row.facts["role"])
        inside = self.place_of_role(row, role)
        if not email or inside is None:
            return None
        wanted = (email, *inside, role.value)
        if twin := self.wanted.get(wanted):
            self.note(
                self.made.same, row, f"{name}, {ROLE_LABELS[role].lower()}", f"is in row {twin.number} already, and is taken once"
            )
        elif account := self.accounts.get(email):
            self.wanted[wanted] = row
            self.offer_to_known(row, account, wanted)
        else:
            self.wanted[wanted] = row
            self.made.roles.append((row, *wanted))
        return None

    def without_role(self, row: Row) -> None:
        """The role is wrong; an organisation that nobody knows is told at once, too."""
        named = row.facts.get("organisation")
        if named and name_key(named) not in (self.organisations.keys() | self.new.keys()):
            self.fault(row, "organisation", self.no_organisation(named))

    def account(self, row: Row, email: str, name: str) -> None:
        """Somebody new, or known, or in an earlier row: one address is one person."""
        known = self.accounts.get(email)
        earlier = self.made.people.get(email)
        if known and not known.active:
            return self.fault(
                row, "email", f"{known.name} had an account with this address, which is closed. Have it opened first."
            )
        if known:
            if name_key(known.name) != name_key(name):
                self.fault(row, "email", f"This is the address of {known.name}. Two people cannot share one.")
            return None
        if earlier and name_key(earlier.facts["name"]) != name_key(name):
            return self.fault(
                row, "email", f"Row {earlier.number} has this address for {earlier.facts['name']}. Two people cannot share one."
            )
        if not earlier:
            self.made.people[email] = row
        return None

    def place_of_role(self, row: Row, role: Role) -> tuple[str | None, int | None] | None:
        """(key of the organisation, id of the programme), one of which is None; nothing if that is wrong."""
        if role in ORGANISATION_ROLES:
            if "organisation" not in row.facts:
                if not self.has_fault(row, "organisation"):
                    self.fault(row, "organisation", f"Write of which organisation this person is {a_role(role)}.")
                return None
            key = name_key(row.facts["organisation"])
            if self.is_closed(row, "organisation", key):
                return None
            if key in self.organisations or key in self.new:
                return key, None
            self.fault(row, "organisation", self.no_organisation(row.facts["organisation"]))
            return None
        found = self.programmes.get(name_key(row.facts.get("programme", "")))
        if found is None:
            self.fault(
                row,
                "programme",
                f"Write the programme of which this person is {a_role(role)}, as it is called here.",
            )
            return None
        return None, found

    def has_fault(self, row: Row, key: str) -> bool:
        return not cells.is_empty(row.cell(key))

    def no_organisation(self, name: str) -> str:
        close = self.likeness.of(name)
        meant = f" Did you mean “{close}”?" if close else ""
        return f"There is no organisation of this name, here or in this file.{meant}"

    def offer_to_known(self, row: Row, account: Any, wanted: tuple[str, str | None, int | None, str]) -> None:
        key = wanted[1]
        organisation_id = self.organisations[key].id if key in self.organisations else None
        if queries.has_role(account.id, organisation_id, wanted[2], wanted[3]):
            self.note(
                self.made.same,
                row,
                f"{account.name}, {ROLE_LABELS[Role(wanted[3])].lower()}",
                "has this role, or is invited to it, already",
            )
        else:
            self.note(self.made.same, row, account.name, "has an account already, which is offered the role")
            self.made.roles.append((row, *wanted))

    # Themes

    def theme(self, row: Row) -> None:
        programme = self.batch.programme
        if programme is None:
            return self.fault(row, "host", "Choose the programme of these themes where the columns are matched.")
        self.defaults(row, programme)
        for key, message in [*_days(row, programme), *_window(row, programme.today)]:
            self.fault(row, key, message)
        if "host" not in row.facts:
            return None
        key = name_key(row.facts["host"])
        if not self.is_host(row, key) or "title" not in row.facts:
            return None
        twin = (key, name_key(row.facts["title"]))
        if twin in self.titles:
            self.note(self.made.same, row, row.facts["title"], "is here already for this host, and is left as it is")
        else:
            self.titles.add(twin)
            self.made.themes.append(row)
        return None

    def is_host(self, row: Row, key: str) -> bool:
        """It is here, or in this file; not closed; and theirs to import for."""
        if key not in self.organisations and key not in self.new:
            self.fault(row, "host", self.no_organisation(row.facts["host"]))
            return False
        if self.is_closed(row, "host", key):
            return False
        if refusal := self.not_theirs(key):
            self.fault(row, "host", refusal)
        return not refusal

    def not_theirs(self, host: str) -> str | None:
        """Nobody is made a host who has nothing to do with the programme, nor by somebody else's coordinator."""
        batch, id = self.batch, self.organisations[host].id if host in self.organisations else None
        if batch.organisation is not None and id != batch.organisation_id:
            return f"You import themes of {batch.organisation.name} only."
        if batch.as_owner and id not in self.hosts:
            return (
                "This organisation has not taken part in a programme of yours yet. Its coordinators import its themes "
                "themselves, or an administrator does."
            )
        return None

    def defaults(self, row: Row, programme: Programme) -> None:
        for key, value in (("minimum_days", programme.minimum_days), ("maximum_days", programme.maximum_days), ("places", 1)):
            if cells.is_empty(row.cell(key)):
                row.facts[key] = value


def _days(row: Row, programme: Programme) -> Iterator[tuple[str, str]]:
    least, most, places = (row.facts.get(key) for key in ("minimum_days", "maximum_days", "places"))
    if least and most and (problem := theme_rules.days_problem(least, most, programme)):
        yield problem
    if places is not None and not 1 <= places <= theme_rules.MOST_PLACES:
        yield "places", f"Offer 1 to {theme_rules.MOST_PLACES} places."


def _window(row: Row, today: date) -> Iterator[tuple[str, str]]:
    keys = ("first_day", "last_day", "apply_by")
    given = [key for key in keys if key in row.facts]
    if not given or any(key not in row.facts and not cells.is_empty(row.cell(key)) for key in keys):
        return
    if missing := next((key for key in keys if key not in row.facts), None):
        yield missing, "A hosting window needs a first day, a last day and an application deadline."
        return
    window = Window(*(row.facts[key] for key in keys))
    if problem := theme_rules.window_problem(window, row.facts.get("minimum_days") or 1, today):
        yield problem
