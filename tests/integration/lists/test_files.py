"""Each list of the product as a file: the same rows as on its pages, all of them, and none that the reader may not see."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.core import clock
from mobility.core.database import db
from mobility.experts.models import Mentoring
from mobility.keyfigures.models import KeyFigure
from mobility.lists import pages
from mobility.mailings.models import Mailing
from mobility.people.models import Membership, User
from mobility.people.roles import Role
from mobility.programmes.models import BudgetLine, Call, Programme
from mobility.reviews.models import PublishedReview
from mobility.takeovers.models import TakeOver
from mobility.themes.models import Theme
from tests.support.factories import coordinator_of, make_exchange, make_guest, make_theme, make_user, sign_in
from tests.support.queries import queries


@dataclass
class Table:
    header: list[str]
    rows: list[list[Any]]


def taken(client: Any, address: str, file: str) -> Table:
    """Of the CSV; the spreadsheet has the same header and as many rows."""
    answers = {}
    for kind in ("csv", "xlsx"):
        answer = client.get(f"{address}{'&' if '?' in address else '?'}file={file}.{kind}")
        assert (address, kind, answer.status_code) == (address, kind, 200)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}.{kind}"'
        assert answer.headers["Cache-Control"] == ("no-store" if file != "stories" else "no-cache")  # stories are public
        answers[kind] = answer.data
    header, *rows = csv.reader(StringIO(answers["csv"].decode("utf-8-sig")))
    sheet = load_workbook(BytesIO(answers["xlsx"])).active
    cells = list(sheet.iter_rows(values_only=True))
    assert (list(cells[0]), len(cells) - 1) == (header, len(rows))
    return Table(header, rows)


# The demonstration, list by list


@pytest.fixture(scope="module")
def demo(demo_url: str, lasting_app_on: Callable[..., Flask]) -> Flask:
    return lasting_app_on(demo_url, DEMO=True)


def holder(role: Role, programme_id: int) -> User:
    found = select(User).join(Membership).where(Membership.programme_id == programme_id, Membership.role == role)
    return db.session.scalars(found.where(Membership.current, User.active).order_by(User.id)).first()


def member(organisation_id: int, *roles: Role) -> User:
    found = select(User).join(Membership).where(Membership.organisation_id == organisation_id, Membership.role.in_(roles))
    return db.session.scalars(found.where(Membership.current, User.active).order_by(User.id)).first()


def named(name: str) -> User:
    return db.session.scalars(select(User).where(User.name == name)).one()


LISTS = {  # by hand: route -> its files
    "aid.accounts": ["de-minimis-aid"],
    "administration.organisations": ["organisations"],
    "administration.people": ["people"],
    "applications.index": ["applications"],
    "budgets.index": ["budget-lines"],
    "budgets.line": ["movements"],
    "desk.show": ["decision-desk"],
    "exchanges.index": ["exchanges"],
    "experts.index": ["experts"],
    "followups.index": ["follow-up"],
    "keyfigures.index": ["key-figures"],
    "mailings.index": ["mailings"],
    "mailings.show": ["people-of-a-mailing"],
    "mentorings.index": ["mentorings"],
    "notifications.outbox": ["outbox"],
    "payments.index": ["claims-to-pay", "payment-batches"],
    "privacy.who_read": ["who-read-what"],
    "programmes.index": ["programmes"],
    "questionnaires.index": ["questionnaires"],
    "reviews.index": ["published-outcomes"],
    "reviews.late": ["late-promises"],
    "reviews.published": ["snapshots"],
    "safeguards.show": ["vouchers-with-links", "providers"],
    "stories.index": ["stories"],
    "takeovers.board": ["take-overs"],
    "teams.organisation_team": ["people"],
    "teams.programme_team": ["people"],
    "themes.index": ["themes"],
    "themes.mine": ["your-themes"],
    "upkeep.index": ["runs-of-jobs"],
    "vouchers.index": ["vouchers"],
}
EMPTY = {
    "late-promises",
    "vouchers-with-links",
    "providers",
    "claims-to-pay",
    "runs-of-jobs",
    "mentorings",
}  # may be, in the demonstration


def addresses() -> dict[str, tuple[str, User]]:
    """Of each route an address, and somebody who has rows there."""
    administrator = db.session.scalars(select(User).where(User.is_administrator)).first()
    aided = db.session.scalars(select(Programme).where(Programme.de_minimis_ceiling.is_not(None))).first()
    take_over = db.session.scalars(select(TakeOver)).first()
    figure = db.session.scalars(select(KeyFigure)).first()
    snapshot = db.session.scalars(select(PublishedReview)).first()
    theme = db.session.scalars(select(Theme)).first()
    mentoring = db.session.scalars(select(Mentoring)).first()
    line, in_programme = db.session.execute(select(BudgetLine.id, Call.programme_id).join(BudgetLine.call)).first()
    of, owner, host = f"/programmes/{aided.id}", holder(Role.OWNER, aided.id), named("Marta Nogueira")
    team = f"/organisations/{theme.host_id}/team", member(theme.host_id, Role.COORDINATOR)
    return {
        "aid.accounts": (f"{of}/de-minimis", owner),
        "administration.organisations": ("/admin/organisations", administrator),
        "administration.people": ("/admin/people?q=a", administrator),
        "applications.index": ("/applications", host),
        "budgets.index": (f"{of}/budget", owner),
        "budgets.line": (f"/programmes/{in_programme}/budget/{line}", holder(Role.OWNER, in_programme)),
        "desk.show": (f"{of}/desk?show=all", owner),
        "exchanges.index": ("/exchanges", host),
        "experts.index": ("/experts", host),
        "followups.index": (f"{of}/followups?state=", owner),
        "keyfigures.index": (f"/organisations/{figure.organisation_id}/keyfigures", member(figure.organisation_id, *Role)),
        "mailings.index": ("/mailings", named("Katharina Holzer")),
        "mailings.show": (f"/mailings/{db.session.scalars(select(Mailing.id)).first()}", named("Katharina Holzer")),
        "mentorings.index": ("/mentorings", mentoring.mentor if mentoring else host),
        "notifications.outbox": ("/outbox", administrator),
        "payments.index": (f"{of}/payments", holder(Role.FINANCE_OFFICER, aided.id)),
        "privacy.who_read": ("/audit/readings?what=mails", administrator),
        "programmes.index": ("/programmes", host),
        "questionnaires.index": (f"{of}/questionnaires", owner),
        "reviews.index": ("/outcomes", host),
        "reviews.late": (f"{of}/late", owner),
        "reviews.published": (
            f"/programmes/{snapshot.programme_id}/published",
            holder(Role.OWNER, snapshot.programme_id),
        ),
        "safeguards.show": (f"{of}/safeguards", owner),
        "stories.index": ("/stories", host),
        "takeovers.board": (
            f"/organisations/{take_over.organisation_id}/takeovers",
            member(take_over.organisation_id, Role.COORDINATOR, Role.GUEST),
        ),
        "teams.organisation_team": team,
        "teams.programme_team": (f"{of}/team", owner),
        "themes.index": ("/themes", host),
        "themes.mine": ("/themes/mine", member(theme.host_id, Role.COORDINATOR)),
        "upkeep.index": ("/admin/upkeep", administrator),
        "vouchers.index": ("/vouchers", host),
    }


def test_each_list_gives_its_files_and_offers_them(demo: Flask) -> None:
    with demo.app_context():
        wanted, empty = addresses(), []
        assert wanted.keys() == LISTS.keys()
        for endpoint, (address, person) in wanted.items():
            client = demo.test_client()
            sign_in(client, person)
            page = client.get(address)
            assert (endpoint, page.status_code) == (endpoint, 200)
            for file in LISTS[endpoint]:
                found = taken(client, address, file)
                assert (file, [len(row) == len(found.header) for row in found.rows]) == (file, [True] * len(found.rows))
                offers = f"file={file}.csv" in page.text and f"file={file}.xlsx" in page.text
                assert (file, offers) == (file, bool(found.rows))
                empty += [] if found.rows else [file]
        assert set(empty) <= EMPTY


def test_no_page_joins_a_join(demo: Flask) -> None:
    """SQLite reads all exchanges with their themes for `LEFT JOIN (exchange JOIN theme ...)`, whatever row is asked for."""
    with demo.app_context():
        wanted = [*addresses().values(), *(("/", person) for _, person in addresses().values())]
        for address, person in dict.fromkeys(wanted):
            client = demo.test_client()
            sign_in(client, person)
            with queries() as asked:
                client.get(address)
            assert (address, [each for each in asked.statements if "OUTER JOIN (" in each]) == (address, [])


def test_every_list_with_files_is_walked(app: Flask) -> None:
    """A view that shows a list by `show_list` is in the list by hand."""
    import inspect

    found = set()
    for rule in app.url_map.iter_rules():
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        module = inspect.getmodule(view)
        if "GET" not in (rule.methods or ()) or (not hasattr(module, "blueprint") and not hasattr(module, "experts")):
            continue
        source = inspect.getsource(view)
        if "_index_page(" in source:
            source += inspect.getsource(module._index_page)
        if any(word in source for word in ("show_list(", "show_lists(", "file_of(")):
            found.add(rule.endpoint)
    assert found == LISTS.keys()


def test_a_refused_reader_gets_none(demo: Flask) -> None:
    with demo.app_context():
        stranger = named("Clara Steindl")
        ids = [each.id for each in db.session.scalars(select(Programme))]
        client = demo.test_client()
        sign_in(client, stranger)
        for path, file in [
            ("/admin/people", "people"),
            ("/admin/organisations", "organisations"),
            ("/outbox", "outbox"),
            ("/admin/upkeep", "runs-of-jobs"),
            *((f"/programmes/{id}/{page}", file) for id in ids for page, file in OF_PROGRAMMES),
        ]:
            assert (path, client.get(f"{path}?file={file}.csv").status_code) == (path, 404)


OF_PROGRAMMES = [
    ("desk", "decision-desk"),
    ("budget", "budget-lines"),
    ("followups", "follow-up"),
    ("payments", "claims-to-pay"),
    ("payments", "payment-batches"),
    ("safeguards", "providers"),
    ("late", "late-promises"),
    ("published", "snapshots"),
    ("team", "people"),
    ("questionnaires", "questionnaires"),
    ("de-minimis", "de-minimis-aid"),
]


# What is in them


@pytest.fixture
def host(db_session: Any) -> User:
    """Coordinates a host with 27 exchanges: two pages."""
    theme = make_theme(title="=HYPERLINK(1)", places=40)
    for number in range(27):
        make_exchange(theme, make_guest(name=f"Guest {number:02}"))
    db.session.commit()
    return coordinator_of(theme)


def test_a_file_has_all_pages_as_numbers_and_days(app: Flask, host: User) -> None:
    client = app.test_client()
    sign_in(client, host)
    page = client.get("/exchanges")
    assert "All 27 as a file" in page.text
    answer = client.get("/exchanges?page=2&file=exchanges.xlsx")
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert list(rows[0]) == [
        "Theme",
        "Programme",
        "Guest",
        "Guest organisation",
        "Guest country",
        "Host",
        "Host country",
        "First day",
        "Last day",
        "Persons",
        "State",
        "Due",
        "Self-funded",
    ]
    assert {row[2] for row in rows[1:]} == {f"Guest {number:02}" for number in range(27)}
    first = rows[1]
    assert first[0] == "'=HYPERLINK(1)"
    assert isinstance(first[7], datetime)
    assert (first[9], first[12]) == (1, "no")


def test_the_filters_hold_for_the_file(app: Flask, host: User) -> None:
    client = app.test_client()
    sign_in(client, host)
    assert len(taken(client, "/exchanges?state=planning", "exchanges").rows) == 27
    assert taken(client, "/exchanges?state=cancelled", "exchanges").rows == []
    assert taken(client, "/exchanges?side=guest", "exchanges").rows == []


def test_another_persons_rows_are_not_in_it(app: Flask, host: User) -> None:
    client = app.test_client()
    sign_in(client, db.session.scalars(select(User).where(User.name == "Guest 03")).one())
    assert [row[2] for row in taken(client, "/exchanges", "exchanges").rows] == ["Guest 03"]
    sign_in(client, make_user())
    assert taken(client, "/exchanges", "exchanges").rows == []


def test_a_file_is_in_the_log_with_its_filters(app: Flask, host: User) -> None:
    client = app.test_client()
    sign_in(client, host)
    client.get("/exchanges?state=planning&file=exchanges.csv")
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.act, entry.by_id, entry.about) == ("export_taken", host.id, "Exchanges as CSV, 27 rows")
    assert entry.after == {"state": "planning"}


def test_what_is_no_file_is_the_page(app: Flask, host: User) -> None:
    client = app.test_client()
    sign_in(client, host)
    before = db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1))
    for file in (
        "exchanges",
        "exchanges.pdf",
        "vouchers.csv",
        ".csv",
        "exchanges.csv.csv",
        "../exchanges.csv",
        "\u202eexchanges.csv",
    ):
        answer = client.get("/exchanges", query_string={"file": file})
        assert (file, answer.status_code, answer.mimetype) == (file, 200, "text/html")
    for name in ("self", "endpoint", "_external", "_anchor", "page", "id"):
        answer = client.get("/exchanges", query_string={name: 'x"><script>'})
        assert (name, answer.status_code, 'x"><script>' in answer.text) == (name, 200, False)
    db.session.rollback()
    assert db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) == before


def test_somebody_not_signed_in_is_led_to_it(app: Flask) -> None:
    client = app.test_client()
    assert "file=" not in client.get("/programmes").text
    assert client.get("/programmes?file=programmes.csv").status_code in {302, 303}


def test_files_are_rationed(app: Flask, host: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_FILES", 2)
    client = app.test_client()
    sign_in(client, host)
    answers = [client.get("/exchanges?file=exchanges.csv") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert "Wait a while" in answers[-1].text
    with clock.at(clock.utc_now().replace(year=clock.utc_now().year + 1)):
        assert client.get("/exchanges").status_code == 200


@pytest.mark.parametrize("most", [26, 27])
def test_a_list_too_long_is_refused_in_words(app: Flask, host: User, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(pages, "MOST_ROWS", most)
    client = app.test_client()
    sign_in(client, host)
    answer = client.get("/exchanges?file=exchanges.csv")
    assert answer.status_code == (200 if most == 27 else 422)
    assert most == 27 or "Choose fewer with its filters" in answer.text


def test_the_queries_of_a_file_are_few(app: Flask, db_session: Any) -> None:
    theme = make_theme(places=40)
    client, counts = app.test_client(), []
    sign_in(client, coordinator_of(theme))
    for more in (1, 2, 27):
        for _ in range(more):
            make_exchange(theme)
        db.session.commit()
        with queries() as asked:
            assert client.get("/exchanges?file=exchanges.csv").status_code == 200
        counts.append(asked.count)
    few = {"sqlite": 14, "postgresql": 15}[db.engine.dialect.name]  # PostgreSQL's writers of the log wait for each other by one
    assert counts == [few] * 3  # with those of signing in, of the page and of the log
