"""Every route that gives a file, or shows what is nobody's everyday business, is told of in the audit log, or says why not.

The lists are written by hand: a route that is new and gives files stands in neither, and fails the first test.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.audit.models import AuditEntry
from mobility.claims.models import Claim, Evidence
from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from mobility.payments.models import BankFile, PaymentBatch
from mobility.people.models import Membership, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.uploads import files
from mobility.vouchers.models import Voucher
from tests.support.factories import sign_in

TOLD = {  # the act that stands in the log
    "aid.register": "export_taken",
    "audit.export": "audit_exported",
    "claims.evidence": "evidence_read",
    "imports.file": "import_read",
    "notifications.html_part": "outbox_read",
    "notifications.message": "outbox_read",
    "notifications.outbox": "outbox_read",
    "payments.bank_file": "bank_file_taken",
    "payments.csv": "export_taken",
    "payments.xlsx": "export_taken",
    "reviews.export": "export_taken",
    "reviews.list_cases": "export_taken",
    "takeovers.evidence": "evidence_read",
}
NOT_TOLD = {  # why
    "calendars.feed": "one's own days, to whoever one has given the address",
    "delegates.another": "a page",
    "delegates.by_link": "a page",
    "delegates.calendar_by_link": "one's own stay, to whoever one has given the link",
    "delegates.own_calendar": "one's own stay",
    "exchanges.calendar": "one exchange's days, for those who take part in it",
    "imports.template": "an empty form",
    "imports.template_csv": "an empty form",
    "papers.agreement_pdf": "one exchange's paper, for its sides",
    "papers.certificate_by_link": "one's own certificate, to whoever one has given the link",
    "papers.own_certificate": "one's own certificate",
    "papers.certificate_pdf": "one exchange's paper, for its sides",
    "papers.story_pdf": "public",
    "papers.voucher_pdf": "one voucher's paper, for its holder",
    "talking.file": "what people send each other, for those who take part: no evidence, and nobody else's to count",
    "home.security": "public: whom to tell of a weakness",
    "payments.one_bank_file": "leads to payments.bank_file",
    "reviews.public_export": "public",
    "stories.feed": "public",
    "stories.index": "public, a page",
    "stories.public": "public, a page",
    "stories.picture": "public, or shown on the page of a story to those who work on it",
    "themes.feed": "public",
    "upkeep.measured": "numbers without names, to whoever has METRICS_TOKEN",
}
SENSITIVE = re.compile(r"\.(csv|xlsx|pdf|xml|zip|ics|atom|jpg)\b|any\([^)]*(csv|xlsx|pdf)|/evidence/<|/outbox(?!.*try-again)")
ANSWERS = re.compile(r"(?<!\w)(Response|send_file|uploads\.\w+)\(")


def giving_files(module: Any) -> set[str]:
    """The functions of a module that make an answer of their own, and those that call them."""
    sources = {
        name: inspect.getsource(each)
        for name, each in vars(module).items()
        if inspect.isfunction(each) and inspect.getmodule(inspect.unwrap(each)) is module
    }
    found = {name for name, source in sources.items() if ANSWERS.search(source)}
    while more := {
        name for name, source in sources.items() if name not in found and any(re.search(rf"\b{each}\(", source) for each in found)
    }:
        found |= more
    return found


def suspected(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static") or "GET" not in (rule.methods or ()):
            continue
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        if SENSITIVE.search(rule.rule) or view.__name__ in giving_files(inspect.getmodule(view)):
            yield rule.endpoint


def test_every_route_that_gives_a_file_is_in_one_of_the_lists(app: Flask) -> None:
    assert set(suspected(app)) == TOLD.keys() | NOT_TOLD.keys()


# Each of them, in the demonstration


@pytest.fixture(scope="module")
def demo(demo_url: str, lasting_app_on: Callable[..., Flask]) -> Flask:
    app = lasting_app_on(demo_url, DEMO=True)
    with app.app_context():
        key, store = db.session.scalars(select(Evidence.key).order_by(Evidence.id)).first(), files.store()
        store.filesystem.pipe_file(store.path(key), b"a boarding pass")  # the demonstration's files are elsewhere
    return app


def holder_of(role: Role, programme_id: int) -> User:
    found = select(User).join(Membership).where(Membership.programme_id == programme_id, Membership.role == role)
    return db.session.scalars(found.where(Membership.current)).first()


def addresses() -> dict[str, tuple[str, User]]:
    """Of each route of the list an address, and somebody who may open it."""
    administrator = db.session.scalars(select(User).where(User.is_administrator)).first()
    aided = db.session.scalars(select(Programme).where(Programme.de_minimis_ceiling.is_not(None))).first()
    mail = db.session.scalars(select(OutboxMessage.id)).first()
    batch = db.session.scalars(select(PaymentBatch).join(BankFile).where(BankFile.voided_at.is_(None))).first()
    officer = holder_of(Role.FINANCE_OFFICER, batch.programme_id)
    evidence, voucher = db.session.execute(
        select(Evidence, Voucher).join(Evidence.claim).join(Voucher, Claim.voucher_id == Voucher.id).order_by(Evidence.id)
    ).first()
    return {
        "aid.register": (f"/programmes/{aided.id}/de-minimis.csv", holder_of(Role.OWNER, aided.id)),
        "audit.export": ("/audit.csv?act=backup_made", administrator),
        "claims.evidence": (f"/vouchers/{voucher.id}/claim/evidence/{evidence.id}", voucher.holder),
        "notifications.outbox": ("/outbox", administrator),
        "notifications.message": (f"/outbox/{mail}", administrator),
        "notifications.html_part": (f"/outbox/{mail}/html", administrator),
        "payments.csv": (f"/payments/{batch.id}/payments.csv", officer),
        "payments.xlsx": (f"/payments/{batch.id}/payments.xlsx", officer),
        "reviews.export": (f"/programmes/{aided.id}/review.csv", holder_of(Role.OWNER, aided.id)),
        "reviews.list_cases": (f"/programmes/{aided.id}/review/cases/{{case}}/cases.csv", holder_of(Role.OWNER, aided.id)),
    }


def test_each_leaves_an_entry_with_who_and_what(demo: Flask) -> None:
    """Those of a take-over's evidence, of a file for the bank and of an import are in takeovers/test_pages.py,
    payments/test_checks.py and imports/test_moving_in.py."""
    with demo.app_context():
        wanted = addresses()
        assert wanted.keys() == TOLD.keys() - {"takeovers.evidence", "payments.bank_file", "imports.file"}
        for endpoint, (address, person) in wanted.items():
            client, before = demo.test_client(), count()
            sign_in(client, person)
            if "{case}" in address:
                page = client.get(address.partition("/cases/")[0]).text
                address = address.format(case=re.search(r"/review/cases/([\w.-]+)", page)[1])
            answer = client.get(address)
            assert (endpoint, answer.status_code) == (endpoint, 200)
            newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
            assert newest is not None
            assert (endpoint, newest.act, newest.by_id, count()) == (endpoint, TOLD[endpoint], person.id, before + 1)
            assert newest.about


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) or 0


def test_nobody_who_is_refused_leaves_one(demo: Flask) -> None:
    with demo.app_context():
        stranger = db.session.scalars(
            select(User).where(User.demo_note != "", ~User.memberships.any(Membership.programme_id > 0))
        )
        person = next(each for each in stranger if not each.is_administrator)
        before = count()
        for endpoint, (address, reader) in addresses().items():
            if reader.id == person.id:
                continue
            client = demo.test_client()
            sign_in(client, person)
            assert (endpoint, client.get(address).status_code) == (endpoint, 404)
        assert count() == before
