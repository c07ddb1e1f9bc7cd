"""What goes of each class: verbs that change some rows, named by their ids, and say how many files go with them.

Files go after the commit; what a kill leaves of them is swept within two days, as no row names it any more (uploads/files.py).
"""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import String, cast, delete, or_, select, update

from mobility.accounts.models import MailedLink
from mobility.applications.models import Application, Delegate
from mobility.claims.models import Evidence
from mobility.core import clock
from mobility.core.database import after_commit, db
from mobility.delegates.models import DelegateLink
from mobility.followup.models import Answer, AnswerDraft, QuestionnaireRequest
from mobility.imports.models import Import, Stage
from mobility.joining.models import JoinRequest
from mobility.mailings.models import Mailing, MailingLetter
from mobility.notifications.models import OutboxMessage, saying_only
from mobility.people.models import User
from mobility.people.queries import locked
from mobility.privacy import operations as privacy
from mobility.retention.queries import ABANDONED, GONE, PLACEHOLDER
from mobility.retention.rules import REMOVED
from mobility.talking.models import Message, MessageFile, MessageReport, Reader
from mobility.upkeep.models import JobRun
from mobility.uploads import files

NOT_SENT = ("dead", "kept")  # could be tried again: not without its text


def _mails(ids: Sequence[int]) -> int:
    of_it = update(OutboxMessage).where(OutboxMessage.id.in_(ids))
    _run(of_it.values(subject_line=GONE, **saying_only(GONE), calendar="", reply_to="", last_error=""))
    _run(of_it.where(OutboxMessage.state.in_(NOT_SENT)).values(state="dropped"))
    return 0


def _join_requests(ids: Sequence[int]) -> int:
    _run(delete(JoinRequest).where(JoinRequest.id.in_(ids)))
    return 0


def _applications(ids: Sequence[int]) -> int:
    """`version`: whoever has it open on a page is told that it changed."""
    words = {"motivation": GONE, "objectives": GONE, "brings": GONE, "version": Application.version + 1}
    _run(update(Application).where(Application.id.in_(ids)).values(words))
    _run(update(Delegate).where(Delegate.application_id.in_(ids)).values(name=GONE, email=""))
    return 0


def _application_drafts(ids: Sequence[int]) -> int:
    empty = {"motivation": "", "objectives": "", "brings": "", "version": Application.version + 1}
    _run(update(Application).where(Application.id.in_(ids)).values(empty))
    _run(delete(Delegate).where(Delegate.application_id.in_(ids)))
    return 0


def _answer_drafts(ids: Sequence[int]) -> int:
    _run(delete(AnswerDraft).where(AnswerDraft.id.in_(ids)))
    return 0


def _message_drafts(ids: Sequence[int]) -> int:
    _run(update(Reader).where(Reader.id.in_(ids)).values(draft="", version=Reader.version + 1))
    return _without_files(MessageFile.reader_id.in_(ids))


def _messages(ids: Sequence[int]) -> int:
    """Their text may be emptied while the night is `working` (core/records.py)."""
    mine = select(Message.id).where(Message.conversation_id.in_(ids))
    _run(update(Message).where(Message.conversation_id.in_(ids)).values(text="", address=""))
    _run(update(MessageReport).where(MessageReport.message_id.in_(mine)).values(reason="", answer=""))
    return _without_files(MessageFile.message_id.in_(mine))


def _imports(ids: Sequence[int]) -> int:
    keys = db.session.scalars(select(Import.key).where(Import.id.in_(ids))).all()
    of_it = update(Import).where(Import.id.in_(ids))
    now = clock.utc_now()
    abandoned = of_it.where(Import.stage.in_(ABANDONED))
    _run(abandoned.values(stage=Stage.DISCARDED.value, ended_at=now, version=Import.version + 1))
    _run(of_it.values(key="", sheets=[], report={}))
    return _delete(keys)


def _evidence(ids: Sequence[int]) -> int:
    """The row stays, as the books rest on it, and names a file that says so: `check-ledger` finds what it expects."""
    rows = db.session.scalars(select(Evidence).where(Evidence.id.in_(ids))).all()
    gone = [each.key for each in rows]
    for each in rows:
        content = REMOVED + str(each.id).encode()  # one claim has no file twice
        each.key, each.sha256, each.size = files.store().save(content), sha256(content).hexdigest(), len(content)
        each.content_type, each.name = PLACEHOLDER, f"removed-{each.id}.txt"
    db.session.flush()
    return _delete(gone)


def _mailings(ids: Sequence[int]) -> int:
    """What was written is emptied, and its letters go, which their triggers let happen while the night is `working`."""
    nothing = dict.fromkeys(("subject_line", "text", "reply_to", "list_path", "digest"), "")
    _run(update(Mailing).where(Mailing.id.in_(ids)).values(**nothing, filters={}))
    _run(delete(MailingLetter).where(MailingLetter.mailing_id.in_(ids)))
    return 0


def _accounts(ids: Sequence[int]) -> int:
    """The erasing itself looks through everything: each by itself, by its own job (privacy/)."""
    for id in ids:
        privacy.ask_by_rule(locked(User, id))
    return 0


def _asked(ids: Sequence[int]) -> int:
    _run(update(QuestionnaireRequest).where(QuestionnaireRequest.id.in_(ids)).values(name=GONE, email=""))
    _run(update(Answer).where(Answer.request_id.in_(ids), Answer.by_id.is_(None)).values(by_name=GONE))
    return 0


def _strangers(ids: Sequence[int]) -> int:
    _mails(ids)
    without = {"address": GONE, "unsubscribe": "", "dedupe_key": "gone:" + cast(OutboxMessage.id, String)}
    _run(update(OutboxMessage).where(OutboxMessage.id.in_(ids)).values(without))
    return 0


def _traveller_links(ids: Sequence[int]) -> int:
    _run(update(DelegateLink).where(DelegateLink.id.in_(ids)).values(email=""))
    return 0


def _links(ids: Sequence[int]) -> int:
    _run(delete(MailedLink).where(MailedLink.id.in_(ids)))
    return 0


def _job_runs(ids: Sequence[int]) -> int:
    _run(delete(JobRun).where(JobRun.id.in_(ids)))
    return 0


ACTS: dict[str, Callable[[Sequence[int]], int]] = {
    "mails": _mails,
    "join_requests": _join_requests,
    "applications": _applications,
    "application_drafts": _application_drafts,
    "answer_drafts": _answer_drafts,
    "message_drafts": _message_drafts,
    "messages": _messages,
    "imports": _imports,
    "evidence": _evidence,
    "mailings": _mailings,
    "accounts": _accounts,
    "asked": _asked,
    "strangers": _strangers,
    "traveller_links": _traveller_links,
    "links": _links,
    "job_runs": _job_runs,
}


def _without_files(which: Any) -> int:
    keys = db.session.scalars(select(MessageFile.key).where(or_(which))).all()
    _run(delete(MessageFile).where(which))
    return _delete(keys)


def _delete(keys: Sequence[str]) -> int:
    store = files.store()
    for key in keys:
        after_commit(partial(store.delete, key))
    return len(keys)


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
