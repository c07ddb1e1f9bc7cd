"""What can be imported: the columns of each kind of sheet, what they are called, what they take. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mobility.imports import values
from mobility.imports.values import Labels
from mobility.people.topics import too_many
from mobility.spreadsheets import cells
from mobility.spreadsheets.cells import Cell


@dataclass(frozen=True)
class Column:
    """`names` are other headings by which it is guessed; `allowed` are its values, if it takes only some."""

    key: str
    label: str
    help: str
    take: Callable[[Cell], Any]
    needed: bool = False
    names: str = ""
    allowed: Labels | None = None
    example: str = ""


@dataclass(frozen=True)
class Kind:
    key: str
    label: str
    one: str
    columns: tuple[Column, ...]
    names: str = ""
    by_key: dict[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {each.key: each for each in self.columns})


SEVERAL = "Several are separated by semicolons."

ORGANISATIONS = Kind(
    "organisations",
    "Organisations",
    "organisation",
    (
        Column(
            "name",
            "Name",
            "As it is known. Each name once.",
            values.name,
            needed=True,
            names="organisation, organization, company, institution, firma, einrichtung",
            example="Mur Cluster",
        ),
        Column(
            "kind",
            "Kind",
            "One of the allowed values.",
            values.one_of(values.kinds),
            needed=True,
            names="type, category, art, typ",
            allowed=values.kinds,
            example="Cluster organisation",
        ),
        Column(
            "country",
            "Country",
            "English name or code of two letters.",
            values.country,
            needed=True,
            names="country code, state, land, pays, pais",
            allowed=values.country_labels,
            example="Austria",
        ),
        Column(
            "city",
            "City",
            "In a smaller town, the nearest larger city.",
            values.name,
            needed=True,
            names="town, place, location, ort, stadt, ville, ciudad",
            example="Graz",
        ),
        Column(
            "region",
            "Region",
            "Where its public holidays differ.",
            cells.line,
            names="province, bundesland, state region",
            example="Styria",
        ),
        Column(
            "sectors",
            "Sectors",
            SEVERAL,
            values.some_of(values.sectors),
            names="sector, industry, industries, branche",
            allowed=values.sectors,
            example="Automotive and mobility; Digital and software",
        ),
        Column(
            "website",
            "Website",
            "Begins with https://.",
            values.website,
            names="web, url, homepage, site, internet",
            example="https://www.example.org",
        ),
        Column(
            "about",
            "About",
            "What others should know, up to 3,000 characters.",
            values.up_to(3000),
            names="description, profile, beschreibung, info",
        ),
    ),
    "organisation, organization, org, companies, hosts, members, firmen",
)

PEOPLE = Kind(
    "people",
    "People",
    "person",
    (
        Column(
            "name",
            "Name",
            "First and last name.",
            values.person,
            needed=True,
            names="full name, person, contact, contact person, nom",
            example="Ana Kovač",
        ),
        Column(
            "email",
            "E-mail",
            "Each person has an address of their own.",
            values.address,
            needed=True,
            names="e mail, mail, email address, e mail address, address, adresse",
            example="ana.kovac@example.org",
        ),
        Column(
            "organisation",
            "Organisation",
            "Its name as on the sheet Organisations, or here already. Empty for a role in a programme.",
            cells.line,
            names="organization, company, employer, institution, firma, works at",
            example="Mur Cluster",
        ),
        Column(
            "role",
            "Role",
            "One row for each role.",
            values.one_of(values.roles),
            needed=True,
            names="function, funktion, rolle, position",
            allowed=values.roles,
            example="Coordinator",
        ),
        Column(
            "programme",
            "Programme",
            "Only for a role in a programme: its name.",
            cells.line,
            names="program, programm, scheme",
        ),
        Column(
            "level",
            "Level",
            "One of the allowed values.",
            values.one_of(values.levels),
            names="kind of colleague, stufe",
            allowed=values.levels,
            example="Cluster manager",
        ),
    ),
    "person, persons, contacts, staff, users, personen, team",
)

_DAY_HELP = "Year-month-day, such as 2027-03-31."
THEMES = Kind(
    "themes",
    "Themes",
    "theme",
    (
        Column(
            "host",
            "Host organisation",
            "Its name as on the sheet Organisations, or here already.",
            cells.line,
            needed=True,
            names="host, organisation, organization, gastgeber",
            example="Mur Cluster",
        ),
        Column(
            "title",
            "Title",
            "In one line.",
            values.name,
            needed=True,
            names="theme, topic title, name, thema, titel",
            example="Funding cluster services after the grant ends",
        ),
        Column(
            "summary",
            "In short",
            "Two sentences, up to 400 characters.",
            values.up_to(400),
            names="summary, abstract, short description, kurz",
        ),
        Column(
            "learning_offered",
            "What guests can learn",
            "Needed to publish.",
            values.up_to(5000),
            names="learning, learning offered, offer, content, description",
        ),
        Column(
            "benefit_wanted",
            "What the host wants in return",
            "Needed to publish.",
            values.up_to(5000),
            names="benefit, benefit wanted, in return, what you want in return",
        ),
        Column(
            "practical",
            "Good to know",
            "Getting there, where to stay.",
            values.up_to(5000),
            names="practical, practical information, remarks",
        ),
        Column(
            "levels",
            "Levels",
            SEVERAL,
            values.some_of(values.levels),
            names="level, for whom, audience, target group",
            allowed=values.levels,
            example="Cluster manager",
        ),
        Column("sectors", "Sectors", SEVERAL, values.some_of(values.sectors), names="sector, industry", allowed=values.sectors),
        Column(
            "topics",
            "Topics",
            f"Up to five. {SEVERAL}",
            values.some_of(values.topics, too_many),
            names="topic, keywords, tags",
            allowed=values.topics,
        ),
        Column(
            "languages",
            "Languages",
            SEVERAL,
            values.some_of(values.languages),
            names="language, sprache, sprachen",
            allowed=values.languages,
            example="English; German",
        ),
        Column(
            "minimum_days",
            "Shortest stay",
            "In days.",
            cells.number,
            names="minimum days, min days, shortest stay in days",
            example="2",
        ),
        Column(
            "maximum_days",
            "Longest stay",
            "In days.",
            cells.number,
            names="maximum days, max days, longest stay in days",
            example="5",
        ),
        Column(
            "places",
            "Places",
            "A place is for one delegation.",
            cells.number,
            names="place, seats, capacity",
            example="1",
        ),
        Column(
            "first_day",
            "First day",
            f"Of the hosting window. {_DAY_HELP}",
            cells.day,
            names="from, start, start date, begin, von",
        ),
        Column(
            "last_day",
            "Last day",
            f"Of the hosting window. {_DAY_HELP}",
            cells.day,
            names="to, end, end date, until, bis",
        ),
        Column(
            "apply_by",
            "Apply by",
            f"Before the first day. {_DAY_HELP}",
            cells.day,
            names="deadline, application deadline, closing date",
        ),
    ),
    "theme, topics, offers, hosting, themen",
)

KINDS = {each.key: each for each in (ORGANISATIONS, PEOPLE, THEMES)}
