"""Whatever is typed or guessed, at every route, by everybody: a clear answer, never a 500, and nothing half-written."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.routing import AnyConverter

from mobility.banking import operations as banking
from mobility.core import clock
from mobility.core.web import Id
from mobility.followup.models import QuestionnaireRequest
from mobility.imports import operations as imports
from mobility.joining import operations as joining_operations
from mobility.notifications.models import OutboxMessage
from mobility.paying import operations as paying
from mobility.payments import operations as payments
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.programmes.models import LedgerEntry, LedgerEvent
from mobility.questionnaires.operations import furnish
from mobility.reviews import operations as reviews
from mobility.reviews.queries import of as found_of
from mobility.talking import abuse
from mobility.talking import operations as talking
from mobility.teams import operations as teams
from mobility.vouchers.kinds import KINDS
from mobility.vouchers.models import Voucher
from tests.support import factories
from tests.support.cases import make_case
from tests.support.client import TOKEN
from tests.support.experts import make_expert, make_mentoring
from tests.support.factories import coordinator_of, sign_in
from tests.support.followups import ask
from tests.support.forms import values_of
from tests.support.joining import make_joining
from tests.support.stories import telling
from tests.support.takeovers import measured, taken
from tests.support.tills import make_till
from tests.support.timing import processor_seconds

NASTY = {
    "300 characters": "n" * 300,
    "6,000 characters": "n" * 6000,
    "right to left, combining": "شبكة الابتكار \u202egnp.exe\u202c Z\u0351\u036b\u0343a\u0300",
    "NUL": "before\x00after",
    "markup": "<script>alert(1)</script><b>'\"&-- {{ 7*7 }} #set $x \\ %s ${y}",
    "huge number": "9" * 40,
    "before time": "0001-01-01",
    "after time": "9999-12-31",
    "lines, a formula, SQL": "\r\n\t=1+1'; DROP TABLE voucher; --",
    "nothing": "",
}
IDS = ("0", "2147483647", "2147483648", "9223372036854775808", "-1", "abc", "1.5", "%00", "1%0a")


@dataclass
class World:
    """One of everything, and somebody on each side of it."""

    voucher: Voucher
    people: list[User]
    owner: User
    stranger: User
    ids: dict[str, int]  # by what stands before it in the address, or by its name there


@pytest.fixture
def world(db_session: Any) -> World:
    programme = factories.make_funded_programme(scheme="light")
    exchange = factories.make_exchange(factories.make_theme(programme=programme, places=3), signed=True)
    voucher = factories.make_voucher(exchange)
    furnish(programme)
    db_session.commit()
    ask()
    asked = db_session.scalars(select(QuestionnaireRequest)).one()
    host, owner = factories.coordinator_of(exchange.theme), factories.make_member(programme, Role.OWNER)
    owner.is_administrator = True
    finance = factories.make_member(programme, Role.FINANCE_OFFICER)
    validated = factories.make_validated(programme, by=owner)
    banking.set_account(validated.holder, by=validated.holder, holder_name="Ana Lopes", iban="PT50000201231234567890154")
    clock.move(days=2)  # what is new may be paid after a day
    batch = payments.collect(programme, by=finance, chosen=[validated.id])
    paid_from = paying.propose(programme, by=finance, holder_name="The programme", iban="AT611904300234573201", seen=0)
    application = factories.make_submitted(exchange.theme, exchange.guest)
    snapshot = reviews.publish(programme, found_of(programme), by=owner, seen=0)
    db_session.commit()
    mentoring = make_mentoring(mentee=exchange.guest, programme=programme).mentoring
    expert = make_expert()
    invitation = teams.invite_into_organisation(
        exchange.guest_organisation, by=owner, email=exchange.guest.email, name="Ana Lopes", role=Role.HOST
    )
    told = telling()
    told.recommended(pictures=1)
    home = told.asked.exchange.guest_organisation
    take_over = taken(told.asked.exchange, by=told.asked.coordinator)
    figure = measured(told.asked.coordinator, home)
    file = imports.hand_in(by=owner, name="clusters.csv", content=b"Name,City\nSava Cluster,Ljubljana\n")
    joining = joining_operations.ask(exchange.guest, organisation=home, role=Role.HOST, words="")
    conversation = talking.start(application, by=application.guest)
    message = talking.send(conversation, by=application.guest, text="May I come in May?")
    report = abuse.report(message, by=host, reason="It is not kind.")
    db_session.commit()
    ids = {
        "admin.reported": report.id,
        "conversations": conversation.id,
        "conversations.files": 1,
        "file_id": 1,
        "messages": message.id,
        "account.mails": programme.id,
        "account.security": 1,
        "account.security.browsers": 1,
        "account.security.identities": 1,
        "admin": exchange.guest_organisation_id,
        "into": exchange.host_id,
        "imports": file.id,
        "admin.organisations": exchange.guest_organisation_id,
        "admin.people": exchange.guest_id,
        "applications": application.id,
        "bank-accounts.organisations": exchange.guest_organisation_id,
        "exchanges": exchange.id,
        "experts": expert.id,
        "join": home.id,
        "joinings": joining.id,
        "keyfigures": figure.id,
        "takeovers": take_over.id,
        "stories": told.story.id,
        "stories.pictures": told.story.pictures[0].id,
        "picture_id": told.story.pictures[0].id,
        "comment_id": 1,
        "mailings": 1,
        "mentorings": mentoring.id,
        "followups": asked.id,
        "memberships": exchange.guest.memberships[0].id,
        "role-invitations": invitation.id,
        "organisations": exchange.guest_organisation_id,
        "outcomes": snapshot.id,
        "snapshot_id": snapshot.id,
        "outbox": db_session.scalars(select(OutboxMessage.id)).first(),
        "payments": batch.id,
        "programmes": programme.id,
        "themes": exchange.theme_id,
        "vouchers": voucher.id,
        "call_id": validated.budget_line.call_id,
        "line_id": validated.budget_line_id,
        "entry_id": db_session.scalars(select(LedgerEntry.id).where(LedgerEntry.event == LedgerEvent.APPROPRIATE)).first(),
        "number": 1,
        "place": 1,
        "evidence_id": 1,
        "account_id": paid_from.id,
    }
    return World(voucher, [exchange.guest, host, owner, finance], owner, factories.make_user(), ids)


ENDING = {
    "archive",
    "call_off",
    "cancel",
    "close",
    "close_account",
    "decline",
    "discard",
    "end_membership",
    "reject",
    "revoke",
    "take_out",
    "withdraw",
}


def rules(app: Flask, method: str) -> list[Any]:
    """What ends something comes last, so that the rest finds it."""
    found = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()) and not rule.endpoint.endswith("static")]
    return sorted(found, key=lambda rule: rule.endpoint.split(".")[-1] in ENDING)


def address(app: Flask, rule: Any, ids: dict[str, int]) -> str:
    """Of the world's object; KeyError when it has none of the kind."""
    values = {name: _value(rule, name, ids) for name in rule._converters}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods - {"HEAD", "OPTIONS"})))


WORDS = {"key": "before", "item": "practice"}  # of a questionnaire


def _value(rule: Any, name: str, ids: dict[str, int]) -> Any:
    converter = rule._converters[name]
    if isinstance(converter, Id):
        stands_before = rule.rule.split("/<")[0].strip("/").replace("/", ".")
        return ids[stands_before if name == "id" else name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    if name in WORDS:
        return WORDS[name]
    return next(iter(KINDS)) if name == "kind" else "abc"


@pytest.mark.databases("postgresql")  # the stricter one: no NUL in a text, no number beyond its column
def test_nasty_text_at_every_address(app: Flask, world: World) -> None:
    """In every field of the forms that the world has; an address without one is at least sent a NUL."""
    left_out = {"accounts.sign_out", "accounts.switch"}
    failed, filled = [], set()
    for person in world.people:
        client = app.test_client()
        for rule in [each for each in rules(app, "POST") if each.endpoint not in filled | left_out]:
            sign_in(client, person)
            page = client.get(there := address(app, rule, world.ids))
            has_form = page.status_code == 200
            fields = values_of(page) if has_form else {"text": "", "reason": "", "code": "", "version": "1"}
            texts = NASTY if has_form else {"NUL": NASTY["NUL"]}
            statuses = {name: client.post(there, data=filled_with(text, fields)).status_code for name, text in texts.items()}
            failed += [(there, name) for name, status in statuses.items() if status >= 500]
            if has_form:
                filled.add(rule.endpoint)
    assert failed == []
    assert len(filled) >= 30, filled


def filled_with(text: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name in {"version", "form_key", TOKEN} else text for name, value in fields.items()}


SLOW = (  # as much as a form may have: marks in the wrong order, which composing sorts; signs; figures without end
    "a" + "\u0315" * 25_000 + "\u0316" * 25_000 + "!.,;-@a." * 8_000 + "9" * 50_000 + "1e999999999"
)


@pytest.mark.databases("sqlite")
def test_no_text_makes_a_request_slow(app: Flask, world: World) -> None:
    """No request takes more than a second of the processor."""
    slow, filled = [], {"accounts.sign_out", "accounts.switch"}
    for person in world.people:
        client = app.test_client()
        for rule in [each for each in rules(app, "POST") if each.endpoint not in filled]:
            sign_in(client, person)
            page = client.get(there := address(app, rule, world.ids))
            if page.status_code == 200 and (typed := longest_of(values_of(page))):
                filled.add(rule.endpoint)
                seconds = processor_seconds(partial(client.post, there, data=values_of(page) | {typed: SLOW}), times=1)
                slow += [(there, typed, round(seconds, 1))] if seconds > 1 else []
    assert slow == []
    assert len(filled) >= 30, filled


def longest_of(fields: dict[str, Any]) -> str:
    """The name of the field with most in it, which is a text."""
    names = [name for name, value in fields.items() if isinstance(value, str) and name not in {"version", "form_key", TOKEN}]
    return max(names, key=lambda name: len(fields[name]), default="")


VOUCHER_FORMS = [
    ("full", "draft", "request", "holder"),
    ("full", "requested", "recommend", "assessor"),
    ("full", "requested", "ask-information", "assessor"),
    ("full", "requested", "withdraw", "holder"),
    ("full", "recommended", "approve", "owner"),
    ("full", "recommended", "reject", "owner"),
    ("full", "approved", "issue", "owner"),
    ("light", "requested", "approve", "owner"),
    ("light", "issued", "redeem", "host_coordinator"),
    ("light", "issued", "extend", "owner"),
    ("light", "issued", "revoke", "owner"),
    ("full", "delivered", "claim", "holder"),
    ("full", "claimed", "validate", "owner"),
    ("full", "claimed", "return-claim", "finance_officer"),
]


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize(("scheme", "state", "action", "who"), VOUCHER_FORMS)
def test_nasty_text_in_the_forms_of_a_voucher(
    app: Flask, db_session: Any, scheme: str, state: str, action: str, who: str
) -> None:
    case = make_case(scheme)
    voucher = case.take_to(state)
    survives(app, f"/vouchers/{voucher.id}/{action}", getattr(case, who))


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("action", ["accept", "decline", "record-contact", "edit", "confirm"])
def test_nasty_text_in_the_forms_of_an_application(app: Flask, db_session: Any, action: str) -> None:
    makers = {"edit": factories.make_draft, "confirm": factories.make_accepted}
    application = makers.get(action, factories.make_submitted)()
    person = application.guest if action in makers else coordinator_of(application.theme)
    survives(app, f"/applications/{application.id}/{action}", person)


@pytest.mark.databases("postgresql")
def test_nasty_text_in_an_amendment(app: Flask, db_session: Any) -> None:
    exchange = factories.make_exchange()
    survives(app, f"/exchanges/{exchange.id}/amend", exchange.guest, "agenda-1", "agenda-x")


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("action", ["approve", "send", "record", "take-out"])
def test_nasty_text_in_the_forms_of_a_payment_batch(app: Flask, db_session: Any, action: str) -> None:
    till = make_till()
    batch = {"send": till.approved, "record": till.sent}.get(action, till.collect)()
    survives(app, f"/payments/{batch.id}/{action}", till.approver)


@pytest.mark.databases("postgresql")
def test_nasty_text_in_the_forms_of_a_theme(app: Flask, db_session: Any) -> None:
    theme = factories.make_theme(publish=False)
    survives(app, f"/themes/{theme.id}/edit", coordinator_of(theme))
    published = factories.make_theme()
    survives(app, f"/themes/{published.id}/apply", factories.make_guest())


MENTORING_FORMS = {
    "asked": ["accept", "decline"],
    "accepted": ["record-talk", "cancel"],
    "talked": ["agree-points"],
    "agreed": ["change-points", "look-back"],
    "looked_back": ["end"],
}


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("state", MENTORING_FORMS)
def test_nasty_text_in_the_forms_of_a_mentoring(app: Flask, db_session: Any, state: str) -> None:
    for action in MENTORING_FORMS[state]:
        case = make_mentoring(state)
        survives(app, f"/mentorings/{case.mentoring.id}/{action}", case.mentor)


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("new", [False, True])
def test_nasty_text_in_the_forms_of_a_request_to_join(app: Flask, db_session: Any, new: bool) -> None:
    for number, action in enumerate(("accept", "ask-back", "decline") if not new else ("admit", "merge", "ask-back")):
        case = make_joining(new=new, first=f"Cluster {number}", **({"name": f"New one {number}"} if new else {}))
        survives(app, f"/joinings/{case.request.id}/{action}", case.owner if new else case.coordinator)
    survives(app, "/join/new", factories.make_user())
    survives(app, f"/join/{case.organisation.id}", factories.make_user())


@pytest.mark.databases("postgresql")
def test_nasty_text_to_a_mentor(app: Flask, db_session: Any) -> None:
    expert = make_expert()
    survives(app, f"/experts/{expert.id}/ask", make_mentoring().mentee)
    survives(app, "/account/expert", factories.make_guest())


@pytest.mark.databases("postgresql")
def test_nasty_text_when_money_goes_to_an_organisation_or_comes_back(app: Flask, db_session: Any) -> None:
    till = make_till(1)
    survives(app, f"/bank-accounts/organisations/{till.vouchers[0].holder_organisation_id}", till.guest_coordinator)
    till.record(till.sent(), 0)
    survives(app, f"/vouchers/{till.vouchers[0].id}/recover", till.approver)


def survives(app: Flask, there: str, person: User, *invented: str) -> None:
    """Each text in all fields, then in one after the other, until the form is taken; the pages can be read all the time.

    `invented` are fields that the form does not have.
    """
    client = app.test_client()
    sign_in(client, person)
    page = client.get(there)
    assert page.status_code == 200, page.text
    fields = values_of(page)
    for text in NASTY.values():
        assert client.post(there, data=fields | {TOKEN: text}).status_code == 400
        alone = [fields | {name: text} for name in (*fields, *invented) if name != TOKEN]
        for typed in [filled_with(text, fields), *alone]:
            answer = client.post(there, data=typed)
            assert answer.status_code in {200, 302, 303, 409, 422}, (typed, answer.text)
            assert "<script>alert" not in answer.text
            assert answer.status_code != 422 or "There is a problem" in answer.text
            if answer.status_code != 422:
                break
        for address, meets in ((there, {200, 302, 303, 403, 404, 409}), (there.rpartition("/")[0], {200, 302, 404})):
            seen = client.get(address)
            assert seen.status_code in meets
            assert "<script>alert" not in seen.text


@pytest.mark.databases("sqlite")  # no database is asked
@pytest.mark.parametrize("body", ["json", "xml", "multipart without end", "no type"])
def test_other_content_types_are_answered(app: Flask, world: World, body: str) -> None:
    client = app.test_client()
    failed = []
    kinds = {
        "json": {"data": '{"reason": ["x", {}]}', "content_type": "application/json"},
        "xml": {"data": "<a/>", "content_type": "application/xml"},
        "multipart without end": {"data": b"--x\r\nContent-Dis", "content_type": "multipart/form-data; boundary=x"},
        "no type": {"data": b"\xff\xfe\x00", "content_type": None},
    }
    for rule in rules(app, "POST"):
        sign_in(client, world.owner)
        status = client.post(address(app, rule, world.ids), **kinds[body]).status_code
        if status >= 500:
            failed.append((rule.endpoint, status))
    assert failed == []


def test_a_body_that_is_too_large_is_said_to_be(app: Flask, world: World) -> None:
    client = app.test_client()
    sign_in(client, world.voucher.holder)
    answer = client.post(f"/vouchers/{world.voucher.id}/withdraw", data={"reason": "n" * 13 * 2**20})
    assert answer.status_code == 413
    assert "large" in answer.text


@pytest.mark.databases("sqlite")
def test_a_form_has_no_more_rows_than_any_page_sends(app: Flask, world: World) -> None:
    """Lines of a claim, scores, costs: each row is a field that is made and checked."""
    client = app.test_client()
    sign_in(client, world.owner)
    for rows in ({f"lines-{number}-amount": "1" for number in range(40_000)}, {"chosen": ["1"] * 60_000}):
        answers: list[Any] = []
        address = f"/vouchers/{world.voucher.id}/approve"
        seconds = processor_seconds(lambda: answers.append(client.post(address, data=rows)), times=1)  # noqa: B023
        assert answers[0].status_code == 413
        assert "more fields than any of ours" in answers[0].text
        assert seconds < 1


def test_guessed_ids_are_the_same_as_absent_ones(app: Flask, world: World) -> None:
    client = app.test_client()
    sign_in(client, world.stranger)
    for things in ("applications", "exchanges", "vouchers"):
        existing = client.get(f"/{things}/{world.ids[things]}")
        answers = [client.get(f"/{things}/{id}") for id in IDS]
        assert existing.status_code == 404
        assert {answer.status_code for answer in answers} <= {404, 400}
        assert what_is_said(answers[1]) == what_is_said(existing)


def what_is_said(answer: Any) -> str:
    """Of an error page, but for the request's own id."""
    return answer.text.split("<main")[1].replace(answer.headers["X-Request-ID"], "")


@pytest.mark.databases("sqlite")
def test_nobody_gets_further_than_to_the_sign_in(app: Flask) -> None:
    """A route may be guarded by its decorator or, as the pages of actions, by itself: all are asked."""
    client, asked = app.test_client(), 0
    for method in ("GET", "HEAD", "POST"):
        for rule in rules(app, method):
            if app.view_functions[rule.endpoint].access != "public":  # type: ignore[attr-defined]
                answer = client.open(address(app, rule, defaultdict(lambda: 1)), method=method)
                led = answer.status_code == 302 and answer.location.startswith("/sign-in")
                assert led if method != "POST" else answer.status_code == 401, (method, rule.endpoint, answer.status)
                asked += 1
    assert asked >= 250, asked


QUERIES = ("page=999999999999", "page=-1", "page=%00", "q=%00", "sort=zzz&state=zzz&show=zzz", "from=31-31-31&to=x")


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("query", QUERIES)
def test_strange_queries_of_every_page(app: Flask, world: World, query: str) -> None:
    client = app.test_client()
    sign_in(client, world.owner)
    failed = []
    for rule in rules(app, "GET"):
        answer = client.get(f"{address(app, rule, world.ids)}?{query}")
        if answer.status_code >= 500 and rule.endpoint != "upkeep.readyz":  # it says so while no scheduler runs
            failed.append((rule.endpoint, answer.status_code))
    assert failed == []


@pytest.mark.databases("sqlite")
def test_asking_for_the_head_of_a_page_is_reading_it(app: Flask, world: World) -> None:
    """Such a request carries no token, so it may do nothing, whatever it sends."""
    read = set()
    for person in world.people:
        client = app.test_client()
        sign_in(client, person)
        for rule in [each for each in rules(app, "POST") if "GET" in each.methods]:
            there = address(app, rule, world.ids)
            if rule.endpoint not in read and client.get(there).status_code == 200:
                sent = {"version": str(world.voucher.version), "reason": "n"}
                assert client.head(there, data=sent).status_code == 200, there
                read.add(rule.endpoint)
    assert len(read) >= 30, read


@pytest.mark.databases("sqlite")  # no database is asked
@pytest.mark.parametrize("name", ["elsewhere.example", "203.0.113.9:5000", "no such name", "[::1", "localhost.elsewhere.example"])
def test_a_name_that_is_not_ours_is_refused_in_words(app: Flask, db_session: Any, name: str) -> None:
    """Whoever scans the internet asks by the address alone: that is no error of ours to log."""
    client = app.test_client()
    sign_in(client, factories.make_user())
    for path in ("/", "/healthz", "/nowhere", "/static/css/page.css"):
        answer = client.get(path, headers={"Host": name})
        assert (answer.status_code, answer.mimetype) == (400, "text/plain"), path
        assert "does not answer to this name" in answer.text
    assert client.post("/sign-in", headers={"Host": name}).status_code == 400


def test_a_database_that_does_not_answer_is_said_in_the_log(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as one whose tables were never made: the page alone would have one wait for ever."""

    def fail() -> None:
        raise OperationalError("SELECT theme", {"email": "a@example.org"}, Exception("no such table: theme"))

    monkeypatch.setitem(app.view_functions, "themes.index", fail)
    answer = app.test_client().get("/themes")
    assert answer.status_code == 503
    assert "Mobility is being set up or upgraded." in answer.text
    told = "themes.index: the tables are not those of this version: run `flask --app wsgi db upgrade` [no such table: theme]"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [told]
