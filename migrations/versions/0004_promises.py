"""A record of each promise (followup.md, "Promises, measured"), and those of the past.

The past is worked out from the history, with the periods that each programme has now, as earlier ones are not known. What is open
keeps its very days. What is copied here from the workflows is as it was on this day.
"""
from calendar import monthrange
from datetime import UTC, date, timedelta
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

import holidays
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

AT_ONCE = 1000  # objects

# What is waited for in a state, but for `_waits`, and the states that keep it, but for signatures
WAITS = {
    "application": {"submitted": "host_answer", "in_dialogue": "host_answer", "accepted": "guest_confirmation"},
    "exchange": {"planning": "signatures", "agreed": "signatures", "in_progress": "attendance"},
    "voucher": {
        "draft": "voucher_request", "requested": "decision", "recommended": "decision", "approved": "decision", "returned": "answer",
        "issued": "redemption", "redeemed": "delivery", "delivered": "claim", "claimed": "payment", "validated": "payment",
    },
}
KEPT = {
    "host_answer": {"accepted", "declined"}, "guest_confirmation": {"confirmed"}, "signatures": set(), "attendance": {"completed", "cancelled"},
    "voucher_request": {"requested"}, "decision": {"approved", "rejected"}, "answer": {"requested"}, "redemption": {"redeemed"},
    "delivery": {"delivered"}, "service": {"delivered"}, "claim": {"claimed"}, "payment": {"paid"},
}
OWED_BY = {
    "host_answer": "host coordinator", "guest_confirmation": "guest", "signatures": "host coordinator, guest", "attendance": "host coordinator",
    "voucher_request": "holder", "decision": "programme owner", "answer": "holder", "redemption": "holder", "delivery": "host coordinator",
    "service": "holder", "payment": "finance officer",
}
RESTARTS = {"amend", "extend"}
AFTER_THE_DAY = {"lapse", "expire"}
RETURNED_DAYS = 14  # more to claim, after a claim was returned

SUBJECTS = {
    "application": """SELECT s.id, s.state, s.waiting_for, s.waiting_since, s.due_on, t.programme_id
        FROM application s JOIN theme t ON t.id = s.theme_id""",
    "exchange": "SELECT s.id, s.state, s.waiting_for, s.waiting_since, s.due_on, s.programme_id, s.first_day, s.last_day FROM exchange s",
    "voucher": """SELECT s.id, s.state, s.waiting_for, s.waiting_since, s.due_on, s.programme_id, s.kind, s.valid_until, s.extended, s.paid_on,
        e.first_day, e.last_day FROM voucher s LEFT JOIN exchange e ON e.id = s.exchange_id""",
}
DAYS = ("waiting_since", "due_on", "first_day", "last_day", "valid_until", "paid_on")
HISTORY = sa.text(
    "SELECT subject_id, action, to_state, at FROM history_entry"
    " WHERE subject_type = :kind AND subject_id BETWEEN :first AND :last ORDER BY subject_id, id"
).columns(at=sa.DateTime(timezone=True))
RECORDS = sa.table(
    "promise_record",
    *map(sa.column, ("programme_id", "subject_type", "subject_id", "promise", "owed_by", "outcome")),
    *(sa.column(name, sa.Date) for name in ("since", "due_on", "ended_on")),
    sa.column("from_history", sa.Boolean),
)


def upgrade():
    op.create_table('promise_record',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('promise', sa.String(), nullable=False),
    sa.Column('owed_by', sa.String(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('from_history', sa.Boolean(), nullable=False),
    sa.CheckConstraint('(ended_on IS NULL) = (outcome IS NULL)', name=op.f('ck_promise_record_ended_somehow')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_promise_record_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise_record'))
    )
    for kind in SUBJECTS:
        _write_the_past_of(kind)
    with op.batch_alter_table('promise_record', schema=None) as batch_op:
        batch_op.create_index('ix_promise_record_open', ['subject_type', 'subject_id'], unique=True, sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))
        batch_op.create_index('ix_promise_record_tally', ['programme_id', 'promise', 'owed_by', 'outcome', 'due_on'], unique=False)


def downgrade():
    with op.batch_alter_table('promise_record', schema=None) as batch_op:
        batch_op.drop_index('ix_promise_record_tally')
        batch_op.drop_index('ix_promise_record_open', sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))

    op.drop_table('promise_record')


def _write_the_past_of(kind):
    bind, last = op.get_bind(), 0
    programmes = {row.id: row for row in bind.execute(sa.text("SELECT * FROM programme"))}
    chosen = sa.text(f"{SUBJECTS[kind]} WHERE s.id > :last ORDER BY s.id LIMIT {AT_ONCE}")
    chosen = chosen.columns(**{day: sa.Date for day in DAYS if day in SUBJECTS[kind]})
    while subjects := bind.execute(chosen, {"last": last}).all():
        first, last = subjects[0].id, subjects[-1].id
        acts = bind.execute(HISTORY, {"kind": kind, "first": first, "last": last}).all()
        acts = {id: list(group) for id, group in groupby(acts, lambda act: act.subject_id)}
        found = [
            {"programme_id": row.programme_id, "subject_type": kind, "subject_id": row.id, "from_history": True, **record}
            for row in subjects
            for record in _Life(kind, row, programmes[row.programme_id]).records(acts.get(row.id, ()))
        ]
        if found:
            bind.execute(sa.insert(RECORDS), found)


class _Life:
    """One object's history, lived again: `owed` is the promise under which it waits and that is not kept yet, with its days."""

    def __init__(self, kind, row, programme):
        self.kind, self.row, self.programme = kind, row, programme
        self.signed, self.claim_due, self.valid_until = 0, None, None
        self.waiting, self.owed, self.ended = None, None, []

    def records(self, acts):
        for act in acts:
            at = act.at if act.at.tzinfo else act.at.replace(tzinfo=UTC)  # SQLite keeps no zone
            self._live(act.action, act.to_state, at.astimezone(ZoneInfo(self.programme.timezone)).date())
        row = self.row
        if row.waiting_for and row.state not in KEPT[row.waiting_for]:
            self.ended.append(self._record((row.waiting_for, row.waiting_since, row.due_on), None, None))
        return self.ended

    def _live(self, action, state, day):
        self._learn(action, day)
        name = self._waits(state)
        if self.waiting is None or name != self.waiting[0] or action in RESTARTS:
            self.waiting = (name, *self._period(name, day)) if name else None
        owed = None if self.waiting is None or state in KEPT[name] else self.waiting
        if owed == self.owed:
            return
        if self.owed:
            self._end(action, state, day)
        self.owed = owed

    def _learn(self, action, day):
        """What the period of a later promise depends on."""
        if action in ("create", "amend"):
            self.signed = 0
        elif action == "sign":
            self.signed += 1
        elif action == "confirm_delivery":
            self.claim_due = day + timedelta(days=self.programme.claim_days)
        elif action == "return_claim":
            self.claim_due = max(self.claim_due or day, day) + timedelta(days=RETURNED_DAYS)
        elif action == "issue":
            self.valid_until = _months_later(day, self.programme.validity_months) if self.row.extended else self.row.valid_until
        elif action == "extend":
            self.valid_until = self.row.valid_until

    def _waits(self, state):
        name = WAITS[self.kind].get(state)
        if name == "signatures" and self.signed == 2:
            return None
        if self.kind == "voucher" and self.row.kind == "knowledge":
            return {"voucher_request": None, "delivery": "service"}.get(name, name)
        return name

    def _period(self, name, day):
        """The day on which the clock of a promise starts, and the last day on which it is kept."""
        programme, row = self.programme, self.row
        if name == "voucher_request":
            due = day + timedelta(days=programme.voucher_request_days)
            return day, max(day, min(due, row.first_day - timedelta(days=1)))
        if name == "decision":
            return day, _working_days_later(day, programme.decision_working_days, programme.country)
        if name == "redemption":
            return day, self.valid_until or day
        if name == "attendance":
            return row.last_day, row.last_day + timedelta(days=programme.attendance_days)
        if name in ("delivery", "service"):
            time = timedelta(days=programme.attendance_days + programme.claim_days)
            return day, max(day, row.last_day) + time if name == "delivery" else max(self.valid_until or day, day + time)
        if name == "claim":
            return day, self.claim_due or day + timedelta(days=programme.claim_days)
        setting = {"signatures": "signature_days"}.get(name, f"{name}_days")
        return day, day + timedelta(days=getattr(programme, setting))

    def _end(self, action, state, day):
        name, since, due = self.owed
        kept = self.signed == 2 if name == "signatures" else state in KEPT[name]
        ended_on = self.row.paid_on or day if name == "payment" and kept else day
        if action in AFTER_THE_DAY:  # so it was over, whatever the programme promises now
            due = min(due, ended_on - timedelta(days=1))
        elif action == "extend":  # and here it was not
            due = max(due, ended_on)
        outcome = ("kept_on_time" if kept else "called_off") if ended_on <= due else ("kept_late" if kept else "missed")
        self.ended.append(self._record((name, since, due), ended_on, outcome))

    def _record(self, owed, ended_on, outcome):
        name, since, due = owed
        claimant = "provider" if self.kind == "voucher" and self.row.kind == "knowledge" else "holder"
        owed_by = OWED_BY.get(name, claimant)
        return {"promise": name, "owed_by": owed_by, "since": since, "due_on": due, "ended_on": ended_on, "outcome": outcome}


def _months_later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _working_days_later(day, count, country):
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in _holidays(country, day.year)
    return day


@cache
def _holidays(country, year):
    if country is None or country not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))
