"""Running exchanges come in as they are, with their vouchers and the money that was granted; undone, they end in plain sight.

Nobody signs, approves or pays by it: histories say that they were moved in, by whom and from which row. No mail goes out before
the parties are told. Locks: the programme, themes by their ids, organisations, then budget lines.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from mobility.agreements import lines
from mobility.agreements.lines import Line
from mobility.aid import operations as limits
from mobility.applications.models import Application, Delegate
from mobility.applications.workflow import CONFIRMED
from mobility.applications.workflow import WORKFLOW as APPLICATION
from mobility.asking.rules import case_of
from mobility.core import clock
from mobility.core.database import db
from mobility.documents.codes import new_code
from mobility.exchanges import rules as exchange_rules
from mobility.exchanges.endorsing import OFF, REQUIRED, endorser_of
from mobility.exchanges.models import AgreementVersion, Exchange, Names
from mobility.exchanges.states import COMPLETED
from mobility.exchanges.workflow import WORKFLOW as EXCHANGE
from mobility.followup import rules as followup_rules
from mobility.followup.models import Asking
from mobility.movingin import messages, queries
from mobility.movingin.rules import Arrival, lines_of
from mobility.people.models import Organisation, User
from mobility.programmes import operations as programmes
from mobility.programmes.models import BudgetLine, Programme
from mobility.questionnaires.standard import END_GUEST
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.themes.queries import lock as lock_theme
from mobility.vouchers.kinds import MOBILITY
from mobility.vouchers.models import Voucher, VoucherNames
from mobility.vouchers.rules import validity
from mobility.vouchers.states import DELIVERED, DRAFT, ISSUED, PAID, REQUESTED
from mobility.vouchers.workflow import WORKFLOW as VOUCHER
from mobility.workflows.parts import Actor


def move_in(programme: Programme, arrivals: Sequence[Arrival], *, by: User, file: str, notes: Sequence[str]) -> list[Exchange]:
    """Each in the state it is in elsewhere; last, the money of all. Raises GuardRefused if a budget line has not enough, or an
    organisation has been granted too much meanwhile."""
    made = [_move_in(programme, arrival, by, file, note) for arrival, note in zip(arrivals, notes, strict=True)]
    limits.ensure_together_below_ceiling(programme, {each.organisation_id for each in arrivals if each.taken_from_budget})
    for arrival, exchange, note in zip(arrivals, made, notes, strict=True):
        if arrival.taken_from_budget:
            _set_aside(exchange.vouchers[0], arrival, by, note)
    return made


def _move_in(programme: Programme, arrival: Arrival, by: User, file: str, note: str) -> Exchange:
    theme = lock_theme(arrival.theme_id)
    application = _application(theme, arrival)
    db.session.add(application)
    exchange = _exchange(programme, application, arrival)
    db.session.add(exchange)
    db.session.flush()
    _agree(exchange, arrival, by)
    APPLICATION.move_in(application, by=by, acted_as=Actor.OWNER, state=CONFIRMED, note=note)
    if arrival.state == COMPLETED:
        _attend(exchange)
    else:
        themes.take_place(theme, told=False)
    EXCHANGE.move_in(exchange, by=by, acted_as=Actor.OWNER, state=arrival.state, note=note)
    if arrival.voucher:
        _voucher(exchange, arrival, by, file, note)
    if arrival.state == COMPLETED:
        _ask_no_more(exchange, arrival)
    db.session.flush()
    db.session.refresh(exchange, ["vouchers"])
    return exchange


def _application(theme: Theme, arrival: Arrival) -> Application:
    """Without what it said: that is elsewhere."""
    return Application(
        theme=theme,
        guest=db.session.get_one(User, arrival.guest_id),
        guest_organisation=db.session.get_one(Organisation, arrival.organisation_id),
        delegates=[
            Delegate(position=number, name=name, email=email, level=level)
            for number, (name, email, level) in enumerate(arrival.travellers, 1)
        ],
        objectives=arrival.objectives,
        first_day=arrival.first_day,
        last_day=arrival.last_day,
        offered_first_day=arrival.first_day,
        offered_last_day=arrival.last_day,
        self_funded=not arrival.voucher,
        submitted_on=arrival.days.get("asked_on", arrival.agreed_on),
        moved_in=True,
    )


def _exchange(programme: Programme, application: Application, arrival: Arrival) -> Exchange:
    """The programme's rule about endorsing holds for what it has still to decide about; the rest began under another."""
    undecided = arrival.voucher in {DRAFT, REQUESTED}
    return Exchange(
        application=application,
        theme=application.theme,
        programme=programme,
        host=application.theme.host,
        guest=application.guest,
        guest_organisation=application.guest_organisation,
        self_funded=not arrival.voucher,
        first_day=arrival.first_day,
        last_day=arrival.last_day,
        endorsement=programme.endorsement if undecided else OFF,
    )


def _agree(exchange: Exchange, arrival: Arrival, by: User) -> None:
    """The agreement in force, which nobody has signed here."""
    theme, guest = exchange.theme, exchange.guest
    version = AgreementVersion(
        exchange=exchange,
        number=1,
        objectives=_lines("objectives", arrival.objectives),
        guest_benefit=_lines("guest_benefit", theme.learning_offered),
        host_benefit=_lines("host_benefit", theme.benefit_wanted),
        first_day=arrival.first_day,
        last_day=arrival.last_day,
        agenda=exchange_rules.stored(exchange_rules.first_agenda(arrival.first_day, arrival.last_day)),
        guest_contact=f"{guest.name}, {guest.email}",
        travellers="\n".join(name for name, *_ in arrival.travellers),
        self_funded=exchange.self_funded,
        agreed_elsewhere_on=arrival.agreed_on,
        signed_names=asdict(Names.of(exchange)),
        written_by_id=by.id,
    )
    db.session.add(version)
    db.session.flush()
    exchange.newest_version = exchange.agreed_version = version
    if exchange.endorsement == REQUIRED:
        exchange.endorser = endorser_of(exchange)


def _lines(name: str, text: str) -> list[dict[str, str]]:
    found: tuple[Line, ...] = lines.split(text or "", lines.PREFIXES[name])
    return lines.stored(found)


def _attend(exchange: Exchange) -> None:
    """All who were to come did, as far as anybody here knows. The certificate was given elsewhere."""
    exchange.actual_first_day, exchange.actual_last_day = exchange.first_day, exchange.last_day
    exchange.attended = [each.name for each in exchange.delegates]
    exchange.attended_places = [each.position for each in exchange.delegates]


def _voucher(exchange: Exchange, arrival: Arrival, by: User, file: str, note: str) -> Voucher:
    programme = exchange.programme
    voucher = Voucher(
        kind=MOBILITY,
        programme=programme,
        exchange_id=exchange.id,
        holder=exchange.guest,
        holder_organisation=exchange.guest_organisation,
        host=exchange.host,
    )
    db.session.add(voucher)
    db.session.flush()
    db.session.refresh(voucher, ["exchange"])
    if arrival.voucher != DRAFT:
        _ask(voucher, arrival, f"“{file}”, row {arrival.row}")
    if arrival.taken_from_budget:
        voucher.decided_on = arrival.days["granted_on"]
    if arrival.voucher in {ISSUED, DELIVERED, PAID}:
        _issue(voucher, arrival)
    VOUCHER.move_in(voucher, by=by, acted_as=Actor.OWNER, state=arrival.voucher, note=note)
    return voucher


def _ask(voucher: Voucher, arrival: Arrival, source: str) -> None:
    """The amount is as it was there: no rates of ours gave it, so none are named, and none compute it again."""
    exchange: Any = voucher.exchange
    voucher.basis = replace(case_of(exchange), currency=voucher.programme.currency).as_json()
    voucher.amount, voucher.granted_elsewhere = arrival.amount, source
    voucher.lines = [each.as_json() for each in lines_of(arrival.amount, source, arrival.voucher)]
    voucher.budget_line_id = arrival.line_id
    voucher.requested_on = arrival.days.get("asked_on", arrival.agreed_on)


def _issue(voucher: Voucher, arrival: Arrival) -> None:
    """With a code of ours: that of elsewhere opens nothing here."""
    programme, granted = voucher.programme, arrival.days["granted_on"]
    voucher.code, voucher.issued_at = new_code(), clock.noon_of(granted)
    voucher.issued_names = asdict(VoucherNames.of(voucher))
    voucher.valid_from, until = validity(granted, programme.validity_months, arrival.last_day)
    voucher.valid_until = arrival.days.get("valid_until") or max(until, programme.today)
    if arrival.voucher == ISSUED:
        return
    voucher.redeemed_on, voucher.delivered_on = arrival.first_day, arrival.last_day
    if arrival.voucher == DELIVERED:
        voucher.claim_due_on = programme.today + timedelta(days=programme.claim_days)
    else:
        voucher.final_amount, voucher.paid_on, voucher.paid_elsewhere = arrival.paid, arrival.days["paid_on"], arrival.payment


def _set_aside(voucher: Voucher, arrival: Arrival, by: User, note: str) -> None:
    """What was paid is set aside and spent at once: what was granted and not paid never was this line's."""
    line = db.session.get_one(BudgetLine, arrival.line_id)
    programmes.commit_budget(line, arrival.taken_from_budget, for_=voucher, by=by, note=note)
    if arrival.paid is not None:
        programmes.spend_budget(line, arrival.paid, for_=voucher, by=by, note=f"{arrival.payment}. {note}")


def _ask_no_more(exchange: Exchange, arrival: Arrival) -> None:
    """Rounds of questions whose day has come were the other system's: nobody is asked them all at once. The report of a claim
    that is still to come is asked for with the claim."""
    today, last_day = exchange.programme.today, exchange.last_day
    for each in queries.about_stays(exchange.programme_id):
        if each.key == END_GUEST and arrival.voucher == DELIVERED:
            continue
        past = [round for round in each.rounds if followup_rules.ask_on(last_day, each.days, round) <= today]
        db.session.add_all(
            Asking(questionnaire_id=each.id, round=round, exchange_id=exchange.id, asked_on=today) for round in past
        )


# Told


def tell(exchange_ids: Collection[int], by: User) -> None:
    """The parties hear of it, and a theme whose last place went closes."""
    made = queries.moved_in(exchange_ids)
    messages.exchanges_moved_in(made, by)
    for id in sorted({each.theme_id for each in made}):
        themes.close_if_full(lock_theme(id))


# Undone


def move_out(exchange_ids: Collection[int], *, by: User, note: str) -> None:
    """What was moved in by mistake, and nothing rests on, ends: no row of a history or of the ledger is ever deleted, so the
    money goes back by entries of its own."""
    for exchange in queries.moved_in(exchange_ids):
        took_place = exchange.state == COMPLETED
        EXCHANGE.move_out(exchange, by=by, acted_as=Actor.OWNER, note=note)
        APPLICATION.move_out(exchange.application, by=by, acted_as=Actor.OWNER, note=note)
        if not took_place:
            themes.free_place(lock_theme(exchange.theme_id))
        exchange.agreed_version, exchange.application.submitted_on = None, None  # it counts in no figure
        for voucher in exchange.vouchers:
            _end(voucher, by, note)


def _end(voucher: Voucher, by: User, note: str) -> None:
    committed, spent = voucher.is_committed, voucher.final_amount
    voucher.requested_on = voucher.decided_on = voucher.issued_at = voucher.redeemed_on = None
    voucher.paid_on = voucher.final_amount = None
    voucher.paid_elsewhere = ""
    VOUCHER.move_out(voucher, by=by, acted_as=Actor.OWNER, note=note)
    db.session.flush()
    if voucher.budget_line is None:
        return
    if spent is not None:
        programmes.return_budget(voucher.budget_line, spent, for_=voucher, by=by, note=note)
    if committed or spent is not None:
        programmes.release_budget(voucher.budget_line, spent or voucher.amount, for_=voucher, by=by, note=note)
