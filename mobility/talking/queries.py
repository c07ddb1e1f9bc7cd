"""Reading conversations: who may, and what is new to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.applications.models import Application
from mobility.applications.queries import lock_theme_of, organisations_of
from mobility.applications.workflow import OPEN_STATES
from mobility.core.database import db
from mobility.core.errors import NotAllowed
from mobility.core.paging import Page, paged
from mobility.core.web import or_404
from mobility.exchanges.models import Exchange
from mobility.people.models import Organisation, User
from mobility.talking.models import Conversation, Message, MessageFile, Reader
from mobility.talking.workflow import QUESTION, TALKS
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.parts import acting_on, actors_on
from mobility.workflows.visibility import plays

NOT_FOR_ANOTHER = "Conversations are for those who take part in them: nobody reads or writes them for somebody else."
SHOWN = 30  # messages on a page
NEW = 5  # conversations on the first page
ABOUT: dict[str, tuple[type[Any], Any]] = {
    "application": (Application, Conversation.application_id),
    "exchange": (Exchange, Conversation.exchange_id),
    "voucher": (Voucher, Conversation.voucher_id),
}
_IS_QUESTION = and_(*(column.is_(None) for _, column in ABOUT.values()))


# Who may


def refuse_stand_in(user: Any) -> None:
    """Raises NotAllowed for an administrator who acts for somebody, whichever conversation it is."""
    if getattr(user, "stand_in", None):
        raise NotAllowed(NOT_FOR_ANOTHER)


def may_read(user: Any) -> ColumnElement[bool]:
    """The conversations a person may read, as `reads` would say it."""
    if getattr(user, "stand_in", None):
        return false()
    own = [and_(_IS_QUESTION, plays(Conversation, user, *TALKS[QUESTION].readers))]
    own += [
        column.in_(select(model.id).where(plays(model, user, *TALKS[kind].readers))) for kind, (model, column) in ABOUT.items()
    ]
    return or_(*own)


def reads(user: Any, conversation: Conversation) -> bool:
    talk = conversation.talk
    played = actors_on(talk.parts, user, conversation.subject)
    return not getattr(user, "stand_in", None) and not played.isdisjoint(talk.readers)


def side_of(user: Any, conversation: Conversation) -> str | None:
    """For which side a person may write now; None if for none."""
    if getattr(user, "stand_in", None) or not user.active:
        return None
    return conversation.talk.side_of(acting_on(conversation.talk.parts, user, conversation.subject))


# One


def find(id: int, user: Any, for_update: bool = False) -> Conversation:
    """A conversation with what its page tells, or 404 if the person may not read it."""
    refuse_stand_in(user)
    if for_update:
        lock(id)
    query = select(Conversation).where(Conversation.id == id).options(*_whole()).execution_options(populate_existing=True)
    conversation = db.session.scalar(query)
    if conversation is None or not reads(user, conversation):
        abort(404)
    return conversation


def lock(id: int) -> None:
    """Its application is locked first, and before that the theme: the message may be the first contact."""
    application_id = db.session.scalar(select(Conversation.application_id).where(Conversation.id == id))
    if application_id is not None:
        lock_theme_of(application_id)
        db.session.execute(select(Application.id).where(Application.id == application_id).with_for_update())
    db.session.execute(select(Conversation.id).where(Conversation.id == id).with_for_update(key_share=True))


def _whole() -> tuple[Any, ...]:
    theme, application = joinedload(Conversation.theme), joinedload(Conversation.application)
    exchange, voucher = joinedload(Conversation.exchange), joinedload(Conversation.voucher)
    name = User.by_name()
    return (
        theme.options(joinedload(Theme.programme), joinedload(Theme.host)),
        joinedload(Conversation.guest).options(*name),
        joinedload(Conversation.guest_organisation),
        application.options(
            joinedload(Application.theme).options(joinedload(Theme.programme), joinedload(Theme.host)),
            joinedload(Application.guest).options(*name),
            joinedload(Application.guest_organisation),
            selectinload(Application.first_contacts),
        ),
        exchange.options(
            joinedload(Exchange.theme),
            joinedload(Exchange.programme),
            joinedload(Exchange.host),
            joinedload(Exchange.guest).options(*name),
            joinedload(Exchange.guest_organisation),
        ),
        voucher.options(
            joinedload(Voucher.programme),
            joinedload(Voucher.holder).options(*name),
            joinedload(Voucher.holder_organisation),
            joinedload(Voucher.provider),
        ),
    )


def about(subject: Any) -> Conversation | None:
    """The conversation about an application, an exchange or a voucher, if somebody has begun it."""
    column = ABOUT[subject.workflow.name][1]
    return db.session.scalar(select(Conversation).where(column == subject.id))


def question(theme_id: int, guest_id: int) -> Conversation | None:
    """What a person has asked about a theme, as long as no application has followed from it."""
    mine = (Conversation.theme_id == theme_id, Conversation.guest_id == guest_id, Conversation.application_id.is_(None))
    return db.session.scalar(select(Conversation).where(*mine))


def messages(conversation: Conversation, number: int) -> Page:
    """The newest first."""
    query = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id.desc())
    return paged(query, number, selectinload(Message.files), per_page=SHOWN)


def sent_with(key: str, user: Any) -> Message | None:
    """The message that this form has sent already."""
    query = select(Message).where(Message.author_id == user.id, Message.key == key)
    return db.session.scalar(query) if key else None


def find_file(id: int, user: Any) -> MessageFile:
    """A file that the person may read: of a message that is not hidden, or of what they are writing themselves."""
    refuse_stand_in(user)
    found = or_404(db.session.scalar(select(MessageFile).where(MessageFile.id == id).options(joinedload(MessageFile.reader))))
    if found.reader is not None:
        return or_404(found if found.reader.person_id == user.id and find(found.reader.conversation_id, user) else None)
    message = or_404(found.message)
    find(message.conversation_id, user)
    return or_404(None if message.is_hidden else found)


def find_message(id: int, user: Any) -> Message:
    """A message that the person may read, to say something about it."""
    refuse_stand_in(user)
    message = or_404(db.session.get(Message, id))
    find(message.conversation_id, user)
    return message


def known_keys(keys: Collection[str]) -> set[str]:
    """Those of the store's files that some message names."""
    return set(db.session.scalars(select(MessageFile.key).where(MessageFile.key.in_(keys))))


# What is new


def own(conversation_id: int, user: Any) -> Reader | None:
    """How far the person has read, and what they are writing."""
    query = select(Reader).where(Reader.conversation_id == conversation_id, Reader.person_id == user.id)
    return db.session.scalar(query.options(selectinload(Reader.files)))


_UNREAD = Conversation.newest_id > Reader.read_id


def some_unread(reader: ColumnElement[int]) -> Select[Any]:
    """The ids of conversations among which `unread` looks for what the person may still read, for a statement that is kept."""
    query = select(Conversation.id).join(Reader, Reader.conversation_id == Conversation.id)
    return query.where(Reader.person_id == reader, _UNREAD)


def unread(user: Any) -> Sequence[Conversation]:
    """What the person was told of and has not looked at, the newest first: one query."""
    query = select(Conversation).join(Reader, Reader.conversation_id == Conversation.id)
    mine = query.where(Reader.person_id == user.id, _UNREAD, may_read(user))
    return db.session.scalars(mine.order_by(Conversation.newest_id.desc()).limit(NEW + 1)).all()


def listed(user: Any, number: int) -> Page:
    """(conversation, whether there is something new) of all that the person has had to do with, the newest first."""
    query = select(Conversation, _UNREAD.label("new")).join(Reader, Reader.conversation_id == Conversation.id)
    mine = query.where(Reader.person_id == user.id, Conversation.newest_id > 0, may_read(user))
    return paged(mine.order_by(Conversation.newest_id.desc()), number)


def told_on(subject: Any, user: Any) -> tuple[Conversation, bool] | None:
    """The conversation about a subject, and whether something in it is new to the person: one query."""
    column = ABOUT[subject.workflow.name][1]
    return _with_mark(select(Conversation).where(column == subject.id), user)


def asked_by(theme_id: int, user: Any) -> tuple[Conversation, bool] | None:
    """The same of what a person has asked about a theme."""
    mine = (Conversation.theme_id == theme_id, Conversation.guest_id == user.id, Conversation.application_id.is_(None))
    return _with_mark(select(Conversation).where(*mine), user)


def _with_mark(query: Select[Conversation], user: Any) -> tuple[Conversation, bool] | None:
    is_mine = and_(Reader.conversation_id == Conversation.id, Reader.person_id == user.id)
    mark = func.coalesce(Reader.read_id, Conversation.newest_id) < Conversation.newest_id
    found = db.session.execute(query.outerjoin(Reader, is_mine).add_columns(mark)).first()
    return (found[0], bool(found[1])) if found else None


def questions_about(theme_id: int, number: int) -> Page:
    """What was asked about a theme before applying, for its host, the newest first."""
    asked = (Conversation.theme_id == theme_id, _IS_QUESTION, Conversation.newest_id > 0)
    query = select(Conversation).where(*asked).order_by(Conversation.newest_id.desc())
    return paged(
        query, number, joinedload(Conversation.guest).options(*User.by_name()), joinedload(Conversation.guest_organisation)
    )


def has_questions(theme_id: int) -> bool:
    return bool(
        db.session.scalar(select(exists().where(Conversation.theme_id == theme_id, _IS_QUESTION, Conversation.newest_id > 0)))
    )


# Who has written


def written_by(conversation: Conversation) -> list[tuple[User, str]]:
    """(person, side) of all who have written, each once for a side, in the order in which they began; with their roles."""
    first = func.min(Message.id)
    query = select(User, Message.side).join(Message, Message.author_id == User.id)
    rows = query.where(Message.conversation_id == conversation.id).group_by(User.id, Message.side).order_by(first)
    return [(person, side) for person, side in db.session.execute(rows.options(selectinload(User.memberships)))]


def may_ask_for(user: Any, theme: Theme) -> list[Organisation]:
    """The organisations for which a person may ask a host: those for which they could travel, never the host itself."""
    if user.roles_in(theme.host_id):
        return []
    return organisations_of(user)


def sent_application(theme_id: int, guest_id: int) -> Application | None:
    """The person's open application to a theme: what they ask is said there."""
    mine = (Application.theme_id == theme_id, Application.guest_id == guest_id, Application.state.in_(OPEN_STATES))
    return db.session.scalar(select(Application).where(*mine))


def sides_written(conversation: Conversation) -> dict[str, datetime]:
    """Since when each side has written."""
    query = select(Message.side, func.min(Message.written_at)).where(Message.conversation_id == conversation.id)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Message.side))}


def select_newest() -> Any:
    """In a statement about readers: the newest message of the conversation."""
    return select(Conversation.newest_id).where(Conversation.id == Reader.conversation_id).scalar_subquery()
