"""What changes take-overs: answers to questionnaires (`through` is the act of answering), and whoever works with the board."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError

from mobility.core.database import db
from mobility.core.errors import NotAllowed, Refusal
from mobility.exchanges.models import Exchange
from mobility.people.models import User
from mobility.takeovers import queries, rules
from mobility.takeovers.models import Confirmation, TakeOver, TakeOverEvidence
from mobility.takeovers.rules import Move
from mobility.takeovers.workflow import DROPPED, MAY_ACT, TO, WORKFLOW
from mobility.uploads import operations as uploads
from mobility.uploads.rules import Room
from mobility.workflows.table import By, Done
from mobility.workflows.workflow import Actor

ROOM = Room("A take-over", "pieces of evidence", 10)
CHOICES = {"in_use": "in use", "not_yet": "not yet", "dropped": "dropped"}  # the manager's buttons


# By answers


def plan_from_answer(exchange: Exchange, rows: Sequence[Mapping[str, Any]], *, through: Done) -> None:
    """The rows of the end questionnaire, as they were sent now: the last sending counts.

    What it adds is planned, what it rewords is reworded. What it leaves out is deleted if nobody has done anything with it; else
    it stays on the board, where it can be dropped (docs/decisions/0020).
    """
    known = {each.key: each for each in queries.lock_of_exchange(exchange.id)}
    meant = rules.matched({key: each.answered or {} for key, each in known.items()}, [row for row in rows if row.get("what")])
    for key, row in meant.items():
        if key in known:
            _reword(known[key], row, through)
        else:
            _begin(exchange, key, through.by, through.acted_as, answered=dict(row), **_fields(row))
    for key, take_over in known.items():
        if key not in meant and take_over.answered is not None:
            _leave_out(take_over)
    db.session.flush()


def move_from_answer(exchange: Exchange, moves: Iterable[Move], *, through: Done) -> None:
    """What the guest says after 3, 6 or 12 months. The same state changes nothing; what is unknown by now is passed over."""
    known = {each.key: each for each in queries.lock_of_exchange(exchange.id)}
    for each in moves:
        if each.key in known and rules.is_meant(each, known[each.key].state):
            _move(known[each.key], each.state, through.by, each.why, through)


def confirm_from_answer(exchange: Exchange, occasion: str, said: Mapping[str, str], *, through: Done) -> None:
    """What the guest's manager has pressed, by the keys of the take-overs: kept beside the state, which stays."""
    for take_over in queries.lock_of_exchange(exchange.id):
        choice = said.get(take_over.key)
        found = next((each for each in take_over.confirmations if each.occasion == occasion), None)
        if choice and (found is None or found.said != choice):
            _confirm(take_over, found or Confirmation(occasion=occasion), choice, through)


def _confirm(take_over: TakeOver, confirmation: Confirmation, choice: str, through: Done) -> None:
    confirmation.said, confirmation.on, confirmation.by_name = choice, take_over.programme.today, through.by.name
    if confirmation not in take_over.confirmations:
        take_over.confirmations.append(confirmation)
    state = take_over.state
    note = f"{CHOICES.get(choice, choice).capitalize()}."
    take_over.record("confirm", by=through.by, acted_as=through.acted_as, from_state=state, to_state=state, note=note)


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    by_when = row.get("by_when")
    return {
        "what": row["what"],
        "who": row.get("who") or "",
        "by_when": date.fromisoformat(by_when) if by_when else None,
        "objective": row.get("objective") or "",
    }


def _reword(take_over: TakeOver, row: Mapping[str, Any], through: Done) -> None:
    """What differs from the sending before; what was changed on the board meanwhile and stands as before in the answer stays."""
    before, now = _fields(take_over.answered or row), _fields(row)
    changed = {name: value for name, value in now.items() if before[name] != value and getattr(take_over, name) != value}
    take_over.answered = dict(row)
    if changed:
        _revise(take_over, through.by, changed, through)


def _leave_out(take_over: TakeOver) -> None:
    acts = {each.action for each in take_over.history()}
    if acts <= {"create", "revise"} and _fields(take_over.answered or {}) == _now(take_over):
        db.session.delete(take_over)
    else:
        take_over.answered = None  # the board's from now on


def _now(take_over: TakeOver) -> dict[str, Any]:
    return {name: getattr(take_over, name) for name in ("what", "who", "by_when", "objective")}


# On the board


def add(exchange: Exchange, *, by: User, what: str, **given: Any) -> TakeOver:
    """One more than the questionnaire has room for, or that came to mind later."""
    if by.roles_in(exchange.guest_organisation_id).isdisjoint(MAY_ACT):
        raise NotAllowed("Only whoever travels or coordinates for the guest organisation adds one.")
    known = queries.lock_of_exchange(exchange.id)
    return _begin(exchange, rules.next_key([each.key for each in known]), by, Actor.GUEST, what=what, **given)


def _begin(exchange: Exchange, key: str, by: By, acted_as: Actor, **given: Any) -> TakeOver:
    try:
        with db.session.begin_nested():
            take_over = _stored(exchange, key, given)
    except IntegrityError:  # somebody has added another one since we looked: the exchange is not locked for it
        take_over = _stored(exchange, rules.next_key([each.key for each in queries.of_exchange(exchange.id)]), given)
    WORKFLOW.enter(take_over, by=by, acted_as=acted_as)
    return take_over


def _stored(exchange: Exchange, key: str, given: Mapping[str, Any]) -> TakeOver:
    take_over = TakeOver(
        exchange=exchange,
        programme=exchange.programme,
        organisation_id=exchange.guest_organisation_id,
        key=key,
        since=exchange.programme.today,
        **given,
    )
    db.session.add(take_over)
    db.session.flush()
    return take_over


def start(take_over: TakeOver, *, by: By, note: str = "") -> None:
    WORKFLOW.apply("start", take_over, by=by, note=note, change=lambda: _begins(take_over))


def put_to_use(take_over: TakeOver, *, by: By, note: str = "") -> None:
    WORKFLOW.apply("put_to_use", take_over, by=by, note=note, change=lambda: _begins(take_over))


def plan(take_over: TakeOver, *, by: By, note: str = "") -> None:
    WORKFLOW.apply("plan", take_over, by=by, note=note, change=lambda: _begins(take_over))


def drop(take_over: TakeOver, *, by: By, reason: str) -> None:
    WORKFLOW.apply("drop", take_over, by=by, note=reason, change=lambda: _begins(take_over, reason))


def _move(take_over: TakeOver, state: str, by: By, why: str, through: Done) -> None:
    reason = why if state == DROPPED else ""
    WORKFLOW.apply(TO[state], take_over, by=by, note=why, through=through, change=lambda: _begins(take_over, reason))


def _begins(take_over: TakeOver, reason: str = "") -> None:
    take_over.since, take_over.reason = take_over.programme.today, reason


def revise(take_over: TakeOver, *, by: By, **given: Any) -> None:
    """Other words, another person, another day."""
    WORKFLOW.check("revise", take_over, by)
    changed = {name: value for name, value in given.items() if getattr(take_over, name) != value}
    if changed:
        _revise(take_over, by, changed)


def _revise(take_over: TakeOver, by: By, changed: Mapping[str, Any], through: Done | None = None) -> None:
    note = f"Before: {take_over.what}" if "what" in changed else ""

    def change() -> None:
        for name, value in changed.items():
            setattr(take_over, name, value)

    WORKFLOW.apply("revise", take_over, by=by, note=note, through=through, change=change)


# Evidence


def add_evidence(take_over: TakeOver, *, by: User, url: str = "", file: Any = None, name: str = "") -> None:
    """A link, or a file as it was uploaded. Raises Refusal at the field of the one that cannot be."""
    WORKFLOW.check("add_evidence", take_over, by)
    evidence = _file(take_over, by, file, name) if file is not None else _link(take_over, by, url, name)
    add = partial(take_over.evidence.append, evidence)
    WORKFLOW.apply("add_evidence", take_over, by=by, note=evidence.name, change=add)
    db.session.flush()


def _link(take_over: TakeOver, by: User, url: str, name: str) -> TakeOverEvidence:
    if any(each.url == url for each in take_over.evidence):
        raise Refusal("This link is there already.", "url")
    ROOM.ensure(take_over.evidence, "url")
    return TakeOverEvidence(name=name or url, url=url, added_by_id=by.id)


def _file(take_over: TakeOver, by: User, file: Any, name: str) -> TakeOverEvidence:
    kept = take_over.evidence
    found = uploads.add_file(TakeOverEvidence, kept, ROOM, name=file.filename, content=file.read(), by=by, field="file")
    if found in kept:
        raise Refusal("This file is there already.", "file")
    found.name = _named(name, found.name)
    return found


def _named(name: str, filename: str) -> str:
    """What somebody calls it, with the ending of its file, which is also the name under which it is saved."""
    ending = filename.rpartition(".")[2]
    return filename if not name else name if name.lower().endswith(f".{ending.lower()}") else f"{name}.{ending}"


def take_out_evidence(take_over: TakeOver, *, by: User, chosen: int) -> None:
    """It was the wrong one. The file itself goes with the next sweep."""
    found = next((each for each in take_over.evidence if each.id == chosen), None)
    if found is None:
        raise Refusal("Choose a piece of evidence from the list.", "chosen")
    WORKFLOW.apply("take_out_evidence", take_over, by=by, note=found.name, change=lambda: take_over.evidence.remove(found))
    db.session.flush()
