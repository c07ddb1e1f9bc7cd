"""What each of two has once: for every unique constraint that holds a person or an organisation, both have it, and are merged."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import UniqueConstraint, func, select

from mobility.accounts.models import Identity
from mobility.addresses.models import AddressChange
from mobility.audit.models import AuditEntry
from mobility.banking.models import BankAccount
from mobility.calendars.models import CalendarAddress
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.experts.models import Expert
from mobility.joining import operations as joining
from mobility.joining.models import JoinRequest
from mobility.mailings.models import Mailing, MailingLetter
from mobility.merging import operations, queries
from mobility.merging.models import Merger
from mobility.notifications.models import MailChoice
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.privacy.models import Erasure
from mobility.talking.models import Conversation, Message, MessageReport, Reader
from mobility.teams.models import RoleInvitation
from tests.support.experts import make_expert, make_mentoring
from tests.support.factories import (
    make_draft,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_theme,
    make_user,
    sign_in,
)
from tests.support.html import fields_of, text_of

Pair = tuple[Any, Any]


@pytest.fixture
def admin(db_session: Any) -> User:
    return make_user(name="Robin Keller", is_administrator=True)


def people() -> Pair:
    """Two accounts of one person, and where they work."""
    return make_user(name="Ana Kovač"), make_user(name="Anna Kovacs")


def organisations() -> Pair:
    return make_organisation(name="Mur Cluster e.V."), make_organisation(name="Mur Cluster")


def added(*rows: Any) -> None:
    db.session.add_all(rows)
    db.session.flush()


def _address_change() -> Pair:
    both = people()
    added(*(AddressChange(person_id=each.id, earlier=each.email, wanted="a@example.org") for each in both))
    return both


def _account(both: Pair, column: str) -> Pair:
    facts = {"holder_name": "Ana", "iban": "PT50000201231234567890154", "usable_from": clock.utc_now()}
    added(*(BankAccount(**{column: each.id}, added_by_id=make_user().id, **facts) for each in both))
    return both


def _calendar() -> Pair:
    both = people()
    added(*(CalendarAddress(user_id=each.id, token_hash=str(each.id)) for each in both))
    return both


def _erasure() -> Pair:
    both = people()
    added(*(Erasure(person_id=each.id, asked_by_id=each.id, due_on=clock.today()) for each in both))
    return both


def _expert() -> Pair:
    both = people()
    home = make_organisation()
    for each in both:
        make_membership(each, home, Role.GUEST)
        make_expert(home, each)
    return both


def _identity() -> Pair:
    both = people()
    added(*(Identity(user_id=each.id, issuer="https://id.example", subject=str(each.id)) for each in both))
    return both


def _mail_choice() -> Pair:
    both = people()
    added(*(MailChoice(person_id=each.id, timezone="UTC") for each in both))
    return both


def _asked_by_both() -> Pair:
    """Two accounts ask for the same place, and for the same new one."""
    both, place = people(), make_organisation()
    for each in both:
        joining.ask(each, organisation=place, role=Role.GUEST, words="")
        new = {"name": "Donau Holz", "kind": "cluster_organisation", "country": "AT", "city": "Linz", "website": "", "words": ""}
        joining.ask_for_new(each, programme=make_programme(), **new)
    return both


def _asked_of_both() -> Pair:
    """One person asks to join both."""
    both, person = organisations(), make_user(name="Zoë Ask")
    for each in both:
        joining.ask(person, organisation=each, role=Role.GUEST, words="")
    return both


def _roles(place: Any) -> Pair:
    both = people()
    for each in both:
        make_membership(each, place, Role.OWNER if place.__tablename__ == "programme" else Role.GUEST)
    return both


def _roles_in_both() -> Pair:
    both, person = organisations(), make_user()
    for each in both:
        make_membership(person, each, Role.GUEST)
    return both


def _invited(both: Pair, **place: Any) -> Pair:
    later = clock.utc_now() + timedelta(days=7)
    role = Role.OWNER if "programme" in place else Role.GUEST
    added(*(RoleInvitation(person=each, role=role, expires_at=later, **place) for each in both))
    return both


def _invited_to_both() -> Pair:
    both, person, later = organisations(), make_user(), clock.utc_now() + timedelta(days=7)
    added(*(RoleInvitation(person=person, organisation=each, role=Role.GUEST, expires_at=later) for each in both))
    return both


def _applied() -> Pair:
    """Each for an organisation of their own: nobody has noticed yet."""
    theme = make_theme(title="District heating")
    both = make_member(make_organisation(), Role.GUEST), make_member(make_organisation(), Role.GUEST)
    for each in both:
        make_draft(theme, each)
    return both


def _mentees_of_one() -> Pair:
    one, other = make_mentoring(), make_mentoring()
    other.mentoring.mentor = one.mentor
    db.session.flush()
    return one.mentee, other.mentee


def _mentors_of_one() -> Pair:
    one, other = make_mentoring(), make_mentoring()
    other.mentoring.mentee = one.mentee
    db.session.flush()
    return one.mentor, other.mentor


def _asked_a_host() -> Pair:
    both, theme, home = people(), make_theme(), make_organisation()
    added(*(Conversation(title="A question", theme=theme, guest=each, guest_organisation=home) for each in both))
    return both


def _talk() -> tuple[Conversation, Pair]:
    both = people()
    talk = Conversation(title="Q", theme=make_theme(), guest=make_user(), guest_organisation=make_organisation())
    added(talk)
    return talk, both


def _readers() -> Pair:
    talk, both = _talk()
    added(*(Reader(conversation=talk, person_id=each.id, draft="I am writing") for each in both))
    return both


def _message(talk: Conversation, by: User) -> Message:
    said = {"author_name": by.name, "organisation_name": "X", "side": "guest", "text": "Hello", "key": "same"}
    return Message(conversation=talk, author=by, **said)


def _messages() -> Pair:
    talk, both = _talk()
    added(*(_message(talk, each) for each in both))
    return both


def _letters() -> Pair:
    both = people()
    facts = {"list_name": "people", "list_title": "People", "list_path": "/x", "filters": {}, "is_case": False, "digest": "x"}
    facts |= {"by_id": make_user().id, "by_name": "X", "subject_line": "S", "text": "T", "mailed": 2}
    mailing = Mailing(programme=make_programme(), **facts)
    added(mailing, *(MailingLetter(mailing=mailing, person_id=each.id, name=each.name, about="") for each in both))
    return both


def _reports() -> Pair:
    talk, both = _talk()
    message = _message(talk, make_user())
    added(message, *(MessageReport(message=message, reporter=each, reason="Abuse") for each in both))
    return both


DONE = ""  # they become one; else a part of the sentence that says why not
CASES: dict[str, list[tuple[Callable[[], Pair], str]]] = {
    "address_change person_id": [(_address_change, DONE)],
    "bank_account user_id": [(lambda: _account(people(), "user_id"), DONE)],
    "bank_account organisation_id": [(lambda: _account(organisations(), "organisation_id"), DONE)],
    "calendar_address user_id": [(_calendar, DONE)],
    "erasure person_id": [(_erasure, DONE)],
    "expert person_id": [(_expert, DONE)],
    "identity user_id issuer": [(_identity, DONE)],
    "mail_choice person_id": [(_mail_choice, DONE)],
    "join_request person_id new_name_key": [(_asked_by_both, DONE)],  # what somebody asked for stays with the account
    "join_request person_id organisation_id": [
        (_asked_by_both, DONE),
        (_asked_of_both, "the same among their requests to join (Zoë Ask)"),
    ],
    "membership user_id organisation_id role": [(lambda: _roles(make_organisation()), DONE), (_roles_in_both, DONE)],
    "membership user_id programme_id role": [(lambda: _roles(make_programme()), DONE)],
    "role_invitation person_id organisation_id role": [
        (lambda: _invited(people(), organisation=make_organisation()), DONE),
        (_invited_to_both, DONE),
    ],
    "role_invitation person_id programme_id role": [(lambda: _invited(people(), programme=make_programme()), DONE)],
    "application theme_id guest_id": [(_applied, "the same among their applications (District heating)")],
    "mentoring mentor_id mentee_id": [
        (_mentees_of_one, "the same among their mentorings (Zala Mentor)"),
        (_mentors_of_one, "the same among their mentorings (Ada Mentee)"),
    ],
    "conversation theme_id guest_id": [(_asked_a_host, DONE)],
    "conversation_reader conversation_id person_id": [(_readers, DONE)],
    "mailing_letter mailing_id person_id": [(_letters, DONE)],
    "message author_id key": [(_messages, DONE)],
    "message_report message_id reporter_id": [(_reports, DONE)],
}


def constraints() -> Iterator[str]:
    """Every unique constraint and index that holds a person or an organisation, as the models say."""
    for table in db.metadata.sorted_tables:
        columns = [[*each.columns] for each in table.constraints if isinstance(each, UniqueConstraint)]
        columns += [[*each.columns] for each in table.indexes if each.unique]
        for some in columns:
            if any(key.column.table.name in ("user", "organisation") for each in some for key in each.foreign_keys):
                yield " ".join([table.name, *(each.name for each in some)])


def test_every_constraint_is_tried() -> None:
    assert set(constraints()) == set(CASES)


@pytest.mark.parametrize(
    ("build", "words"), [pytest.param(*case, id=f"{name}-{n}") for name, some in CASES.items() for n, case in enumerate(some)]
)
@pytest.mark.parametrize("turned", [False, True])
def test_two_that_have_the_same(client: Any, admin: User, db_session: Any, build: Any, words: str, turned: bool) -> None:
    gone, stays = build()[::-1] if turned else build()
    kind = "organisations" if isinstance(gone, Organisation) else "people"
    db_session.commit()
    sign_in(client, admin)
    address = f"/admin/{kind}/{gone.id}/merge/{stays.id}"
    opened = client.get(address)
    assert (words in text_of(opened)) is True
    answer = client.post(address, data=fields_of(opened) | {"reason": "Twice."} if not words else {"seen": "x", "reason": "x"})
    assert answer.status_code == (409 if words else 303)
    db_session.expire_all()
    assert gone.merged_into_id == (None if words else stays.id)
    assert db_session.scalar(select(func.count(Merger.id))) == (0 if words else 1)
    if not words:
        for column in queries.moving("organisation" if kind == "organisations" else "user"):
            twin = build is _asked_a_host and f"{column}" == "conversation.guest_id"
            assert db_session.scalar(select(func.count()).where(column == gone.id)) == int(twin), column


@pytest.mark.parametrize("build", [_asked_of_both, _applied, _mentees_of_one])
def test_what_is_added_between_the_page_and_the_merger_is_told_too(
    admin: User, db_session: Any, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if nobody had looked before: the database refuses, and that is a sentence, not a fault."""
    monkeypatch.setattr(queries, "_clashes", lambda *args: [])
    gone, stays = build()
    db_session.commit()
    merge = operations.merge_organisations if isinstance(gone, Organisation) else operations.merge_people
    more = {} if isinstance(gone, Organisation) else {"keep_address": False}
    with pytest.raises(Refusal, match="Both have the same among their"), transaction():
        merge(*map(db.session.merge, (gone, stays)), by=db.session.merge(admin), reason="x", **more)


def test_a_question_to_a_host_goes_with_the_person(client: Any, admin: User, db_session: Any) -> None:
    """What was asked is part of a case: whoever stays reads the answer."""
    gone, stays = people()
    theme, home = make_theme(), make_organisation()
    talk = Conversation(title="A question", theme=theme, guest=gone, guest_organisation=home)
    added(talk)
    db_session.commit()
    with transaction():
        operations.merge_people(
            *queries.locked_pair(User, gone.id, stays.id), by=db.session.merge(admin), reason="x", keep_address=False
        )
    db_session.expire_all()
    assert talk.guest_id == stays.id
    sign_in(client, stays)
    assert client.get(f"/conversations/{talk.id}").status_code == 200


def test_of_two_questions_to_one_host_each_stays(client: Any, admin: User, db_session: Any) -> None:
    gone, stays = _asked_a_host()
    db_session.commit()
    with transaction():
        operations.merge_people(
            *queries.locked_pair(User, gone.id, stays.id), by=db.session.merge(admin), reason="x", keep_address=False
        )
    db_session.expire_all()
    assert sorted(db_session.scalars(select(Conversation.guest_id))) == sorted([gone.id, stays.id])


def test_a_request_that_is_over_stands_against_nothing(admin: User, db_session: Any) -> None:
    gone, stays = _asked_of_both()
    for each in db_session.scalars(select(JoinRequest)):
        each.state, each.waiting_for, each.due_on = "declined", None, None
    db_session.commit()
    with transaction():
        operations.merge_organisations(
            *queries.locked_pair(Organisation, gone.id, stays.id), by=db.session.merge(admin), reason="x"
        )
    db_session.expire_all()
    assert set(db_session.scalars(select(JoinRequest.organisation_id))) == {stays.id}
    assert db_session.scalars(select(AuditEntry.act)).all()[-1] == "organisations_merged"
    assert db_session.scalar(select(func.count(Membership.id)).where(Membership.until.is_(None))) == 0
    assert db_session.scalar(select(func.count(Expert.id))) == 0
