"""What people do in conversations. Messages are only added: a correction is another one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import update

from mobility.applications import operations as applications
from mobility.applications.models import Application
from mobility.applications.queries import lock_guest
from mobility.applications.workflow import SUBMITTED, WRITABLE
from mobility.applications.workflow import WORKFLOW as APPLICATION
from mobility.core import clock
from mobility.core.clock import day_of
from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.notifications.operations import drop
from mobility.notifications.recipients import playing
from mobility.people.models import Organisation, User
from mobility.talking import messages, queries
from mobility.talking.models import Conversation, Message, MessageFile, Reader
from mobility.talking.rules import LONGEST
from mobility.talking.workflow import GUEST_SIDE, HOST_SIDE, PROGRAMME_SIDE, PROVIDER_SIDE
from mobility.themes.models import Theme
from mobility.uploads import operations as uploads
from mobility.uploads.rules import Room
from mobility.workflows.parts import Person

ROOM = Room("A message", "files", 10)
TOO_LONG = f"A message has up to {LONGEST:,} characters. This one has {{}}: send it in parts, or add a file."
NOTHING = "Write something, or add a file."


# Beginning


def start(subject: Any, *, by: User) -> Conversation:
    """The conversation about an application, an exchange or a voucher: begun, if nobody has yet."""
    queries.refuse_stand_in(by)
    name = subject.workflow.name
    known = queries.about(subject)
    conversation = known or Conversation(title=subject.about, **{name: subject, f"{name}_id": subject.id})
    if not queries.reads(by, conversation):
        raise NotAllowed("This conversation is for those who take part in it.")
    if subject.state in WRITABLE:  # a draft is its author's alone
        raise NotAllowed("There is nobody to talk to yet: send it first.")
    if known is None:
        db.session.add(conversation)
        db.session.flush()
    return conversation


def ask(
    theme: Theme, *, by: User, guest_organisation: Organisation, text: str, shows_address: bool = False, key: str | None = None
) -> Conversation:
    """Ask the host before applying. What the person has asked or applied before goes on."""
    queries.refuse_stand_in(by)
    if guest_organisation not in queries.may_ask_for(by, theme):
        raise Refusal("Choose an organisation you belong to.", "guest_organisation")
    lock_guest(by.id)  # as sending an application does: what follows from the question finds it
    if application := queries.sent_application(theme.id, by.id):
        conversation = start(application, by=by)
    else:
        conversation = queries.question(theme.id, by.id) or _question(theme, by, guest_organisation)
    queries.lock(conversation.id)
    send(conversation, by=by, text=text, shows_address=shows_address, key=key)
    return conversation


def _question(theme: Theme, by: User, guest_organisation: Organisation) -> Conversation:
    conversation = Conversation(theme=theme, guest=by, guest_organisation=guest_organisation, title=theme.title)
    db.session.add(conversation)
    db.session.flush()
    return conversation


def go_on(application: Application, by: User) -> None:
    """What was asked about its theme goes on in an application that was sent. If the host has answered, they have talked."""
    conversation = queries.question(application.theme_id, application.guest_id)
    if conversation is None:
        return
    queries.lock(conversation.id)
    conversation.application = application
    db.session.flush()
    _note_contact(conversation, by)


# Writing


def ensure_may_write(conversation: Conversation, by: User) -> str:
    """The side for which the person writes. Raises NotAllowed, saying who goes on."""
    queries.refuse_stand_in(by)
    side = queries.side_of(by, conversation)
    if side is None:
        raise NotAllowed(_why_not(conversation, by))
    return side


def _why_not(conversation: Conversation, by: User) -> str:
    subject, talk = conversation.subject, conversation.talk
    played = [part for part in talk.parts if part.acts_for and part.played_by(by, subject)]
    return next((part.acts_for.refusal(by, subject) for part in played if part.acts_for), "You can read this, and not write.")


def save_draft(conversation: Conversation, *, by: User, text: str = "", shows_address: bool = False) -> Reader:
    """What the person is writing: nobody else sees it."""
    ensure_may_write(conversation, by)
    reader = _reader(conversation, by)
    reader.draft, reader.shows_address = text, shows_address
    reader.version += 1
    db.session.flush()
    return reader


def add_file(conversation: Conversation, *, by: User, name: str, content: bytes) -> None:
    """To what the person is writing."""
    ensure_may_write(conversation, by)
    reader = _reader(conversation, by)
    found = uploads.add_file(MessageFile, reader.files, ROOM, name=name, content=content, by=by)
    if found not in reader.files:
        reader.files.append(found)
        db.session.flush()


def remove_file(conversation: Conversation, *, by: User, id: int) -> None:
    """From what the person is writing; the file itself goes with the next sweep."""
    reader = _reader(conversation, by)
    found = next((each for each in reader.files if each.id == id), None)
    if found is not None:
        reader.files.remove(found)
        db.session.delete(found)
        db.session.flush()


def send_draft(conversation: Conversation, *, by: User, key: str) -> None:
    """Send what the person has written, with its files. The same form once more sends nothing."""
    reader = _reader(conversation, by)
    if not queries.sent_with(key, by):
        files, shows = list(reader.files), reader.shows_address
        send(conversation, by=by, text=reader.draft, files=files, shows_address=shows, key=key)
    reader.draft = ""
    reader.version += 1
    db.session.flush()


def send(
    conversation: Conversation,
    *,
    by: User,
    text: str,
    files: Sequence[MessageFile] = (),
    shows_address: bool = False,
    key: str | None = None,
) -> Message:
    """Add a message, tell the others, and note the first contact if it is one. The conversation is locked by whoever calls."""
    side, text = ensure_may_write(conversation, by), _fit(text.strip(), files)
    message = Message(
        conversation=conversation,
        author=by,
        author_name=by.name,
        organisation_name=_organisation(conversation, side),
        side=side,
        text=text,
        address=by.email if shows_address else "",
        key=key,
    )
    db.session.add(message)
    db.session.flush()
    for each in files:
        each.reader_id, each.message_id = None, message.id
    conversation.newest_id, conversation.newest_at, conversation.newest_by = message.id, message.written_at, by.name
    mine = _reader(conversation, by)
    mine.read_id, mine.shows_address = message.id, shows_address
    db.session.flush()
    db.session.expire(mine, ["files"])
    _tell(message, is_first_contact=_note_contact(conversation, by))
    return message


def _fit(text: str, files: Sequence[MessageFile]) -> str:
    if not text and not files:
        raise Refusal(NOTHING, "text")
    if len(text) > LONGEST:
        raise Refusal(TOO_LONG.format(f"{len(text):,}"), "text")
    return text


def _organisation(conversation: Conversation, side: str) -> str:
    subject = conversation.subject
    if side == PROGRAMME_SIDE:
        return str(subject.programme.name)
    if side == PROVIDER_SIDE:
        return str(subject.provider.name)
    if side == HOST_SIDE:
        return str((subject.host if conversation.kind == "exchange" else subject.theme.host).name)
    home = subject.holder_organisation if conversation.kind == "voucher" else subject.guest_organisation
    return str(home.name)


# Telling the others


def _tell(message: Message, *, is_first_contact: bool) -> None:
    """One mail until they have looked: further messages wait on the page, as chatter is nobody's task."""
    fresh = []
    for person in told(message):
        reader = _reader(message.conversation, person)
        if reader.mailed_id <= reader.read_id:
            reader.mailed_id = message.id
            fresh.append(person)
    db.session.flush()
    messages.message_written(message, fresh, is_first_contact=is_first_contact)


def told(message: Message) -> list[User]:
    """Whom a message is for. On each other side those who have written and still may; as long as nobody has, those who answer for
    it. A person whom the case names always, also by their colleagues."""
    conversation = message.conversation
    writers = [person for person, _ in queries.written_by(conversation)]
    found: list[User] = []
    for side, actors in conversation.talk.sides.items():
        named = any(isinstance(part.who, Person) for part in conversation.talk.parts if part.actor == actors[0])
        wrote = [each for each in writers if queries.side_of(each, conversation) == side]
        if named or (side != message.side and not wrote):
            found += _first_told(conversation, side)
        found += wrote
    return [each for each in dict.fromkeys(found) if each.id != message.author_id and each.active]


def _first_told(conversation: Conversation, side: str) -> list[User]:
    """The theme's contact, if it names one who is still there; else the coordinators of a host, the owners of a programme."""
    theme = getattr(conversation.subject, "theme", None)
    contact = theme.contact if side == HOST_SIDE and theme is not None and theme.contact_id else None
    if contact is not None and queries.side_of(contact, conversation) == HOST_SIDE:
        return [contact]
    return playing(conversation.subject, conversation.talk.sides[side][0])


def read(conversation: Conversation, *, by: User) -> None:
    """The person has looked at all there is. A mail about it that has not left yet is not needed."""
    reader = _reader(conversation, by)
    if reader.read_id < conversation.newest_id:
        reader.read_id = conversation.newest_id
        db.session.flush()
        drop(messages.WRITTEN, by, about=conversation)


def read_all(*, by: User) -> None:
    """Nothing is new to the person any more."""
    queries.refuse_stand_in(by)
    newest = queries.select_newest()
    db.session.execute(update(Reader).where(Reader.person_id == by.id, Reader.read_id < newest).values(read_id=newest))


def _reader(conversation: Conversation, person: User) -> Reader:
    found = queries.own(conversation.id, person)
    if found is None:
        found = Reader(conversation_id=conversation.id, person_id=person.id, read_id=0, mailed_id=0, version=0)
        db.session.add(found)
        db.session.flush()
    return found


# The first contact (P9)


def _note_contact(conversation: Conversation, by: User) -> bool:
    """Once guest and host have both written, they have talked: the host can accept. Noted once, by the application's own act."""
    application = conversation.application
    if application is None or application.state != SUBMITTED or application.first_contacts:
        return False
    written = queries.sides_written(conversation)
    if not {GUEST_SIDE, HOST_SIDE} <= written.keys():
        return False
    who = next((each for each in _may_note(conversation, by) if _notes(application, each)), None)
    if who is None:
        return False
    applications.record_contact(application, by=who, held_on=_day(application, written), kind="message", told=True)
    return True


def _may_note(conversation: Conversation, by: User) -> list[User]:
    return [by, *(person for person, _ in queries.written_by(conversation))]


def _notes(application: Application, person: User) -> bool:
    """A coordinator of the guest writes for them, but the contact is noted by one who may."""
    actors = APPLICATION.transition("record_contact").actors
    return person.active and not APPLICATION.acting_on(person, application).isdisjoint(actors)


def _day(application: Application, written: Any) -> date:
    """The day on which the second of them wrote first, where the programme is."""
    return min(day_of(max(written[GUEST_SIDE], written[HOST_SIDE]), application.timezone), clock.today(application.timezone))
