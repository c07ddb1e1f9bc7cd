"""The pages that are measured, and who looks at them."""

from dataclasses import dataclass

from bench.data import Database
from bench.promises import PAGE, PAGE_WAIT, Promise
from bench.servers import BARE_ROWS


@dataclass(frozen=True)
class Case:
    """A page as one person (by number, or by address) sees it. `mark` stands in the page once for each row.

    `queries` are as many as it may make: what it makes today.
    """

    name: str
    person: int | str
    path: str
    mark: str
    queries: int
    rows: int | None = None
    within: Promise = PAGE
    wait: Promise = PAGE_WAIT
    promised: bool = True  # the search reads every theme's text, so its time is only shown


def cases(database: Database) -> list[Case]:
    """Who looks: a host with some 25 tasks, the guest with most to do, an owner with more than a page holds."""
    theme, guest, host = _theme_to_look_at(database)
    owner = database.ask("SELECT min(user_id) FROM membership WHERE programme_id = 1 AND role = 'owner'")[0][0]
    busy_host, busy_guest = _host_with_tasks(database, 25), _busiest_guest(database)
    return [
        Case("Catalogue, a guest", guest, "/themes", 'class="theme-card"', 7),
        Case("Catalogue, a host", host, "/themes", 'class="theme-card"', 7),
        Case(
            "Catalogue, searched", guest, "/themes?q=platform&sector=digital&sort=newest", 'class="theme-card"', 5, promised=False
        ),
        Case("Theme, a guest", guest, f"/themes/{theme}", "<h1", 5, rows=BARE_ROWS),
        Case("Theme, its host", host, f"/themes/{theme}", "<h1", 5, rows=BARE_ROWS),
        Case("Home, a host", busy_host, "/", 'class="task ', 7),
        Case("Home, a guest", busy_guest, "/", 'class="task ', 4),
        Case("Home, an owner", owner, "/", 'class="task ', 4),
        Case("Decision desk, an owner", owner, "/programmes/1/desk", 'name="chosen"', 7),
    ]


def _theme_to_look_at(database: Database) -> tuple[int, int, int]:
    """An open theme, a guest who has not applied to it, and its host's coordinator."""
    return database.ask(
        """
        SELECT t.id, m.user_id, t.host_id FROM theme t, membership m
        WHERE t.state = 'published' AND m.role = 'guest'
        AND NOT EXISTS (SELECT 1 FROM application a WHERE a.theme_id = t.id AND a.guest_id = m.user_id)
        ORDER BY t.id, m.user_id LIMIT 1
        """
    )[0]


def _host_with_tasks(database: Database, tasks: int) -> int:
    """The coordinator (with the number of the organisation) whose applications and exchanges are nearest to so many."""
    return database.ask(
        """
        SELECT host_id FROM (
            SELECT t.host_id FROM application a JOIN theme t ON t.id = a.theme_id WHERE a.waiting_for IS NOT NULL
            UNION ALL
            SELECT host_id FROM exchange WHERE state IN ('planning', 'agreed', 'in_progress')
        ) waiting GROUP BY host_id ORDER BY abs(count(*) - %s), host_id LIMIT 1
        """,
        tasks,
    )[0][0]


def _busiest_guest(database: Database) -> int:
    return database.ask(
        """
        SELECT guest_id FROM application WHERE waiting_for IS NOT NULL
        GROUP BY guest_id ORDER BY count(*) DESC, guest_id LIMIT 1
        """
    )[0][0]
