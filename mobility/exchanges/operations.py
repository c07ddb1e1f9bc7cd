"""From the match to the end of the stay (workflows.md, "Exchange"). Each moves the exchange alone.

What moves its voucher with it (check-in, attendance, no-show, cancel) is composed in mobility/visits.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Unpack

from mobility.agreements import lines
from mobility.agreements.lines import Line
from mobility.applications import operations as applications
from mobility.applications.messages import host_coordinators
from mobility.applications.models import Application
from mobility.applications.rules import days_problem, level_fits
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import EditConflict, GuardRefused, Refusal
from mobility.documents.codes import new_code
from mobility.exchanges import messages, rules
from mobility.exchanges.endorsing import INFORMED, REQUIRED, endorser_of
from mobility.exchanges.guards import signed_sides
from mobility.exchanges.models import AgreementVersion, Exchange, Names, Signature
from mobility.exchanges.rules import Terms, Written
from mobility.exchanges.states import PLANNING
from mobility.exchanges.workflow import WORKFLOW
from mobility.notifications.operations import Addressee
from mobility.people.models import User
from mobility.people.queries import user_by_email
from mobility.people.roles import Role
from mobility.themes import operations as themes
from mobility.themes.queries import lock as lock_theme
from mobility.workflows.table import SYSTEM, By, Done
from mobility.workflows.workflow import Actor

SIDES = {Actor.HOST_COORDINATOR: "host", Actor.GUEST: "guest"}


def confirm(application: Application, *, by: User) -> Exchange:
    """The guest says yes: the match, and the exchange in planning with a first version made from what is known."""
    applications.confirm(application, by=by)
    first_day, last_day = application.offered_first_day, application.offered_last_day
    if first_day is None or last_day is None:
        raise GuardRefused("The host has offered no dates yet.")
    exchange = Exchange(
        application=application,
        theme=application.theme,
        programme=application.theme.programme,
        host=application.theme.host,
        guest=application.guest,
        guest_organisation=application.guest_organisation,
        self_funded=application.self_funded,
        first_day=first_day,
        last_day=last_day,
        endorsement=application.theme.programme.endorsement,
    )
    db.session.add(exchange)
    _add_version(exchange, _first_terms(application, first_day, last_day), by)
    WORKFLOW.enter(exchange, by=by, acted_as=Actor.GUEST, note="Version 1 of the agreement is from the application.")
    messages.exchange_confirmed(exchange)
    return exchange


def amend(exchange: Exchange, *, by: User, **written: Unpack[Written]) -> AgreementVersion:
    """Write the next version, which nobody has signed yet. What was agreed stays in force until both have signed it.

    The manager stays who it is unless the guest names one.
    """
    WORKFLOW.check("amend", exchange, by)
    before = Terms.of(exchange.newest_version)
    now: dict[str, Any] = {**written, "agenda": tuple(sorted(written["agenda"])), "travellers": _travellers(exchange.application)}
    now |= {name: _keyed(exchange, name, now[name]) for name in rules.LINE_LABELS}
    terms = replace(before, **now)
    _refuse_impossible(exchange, terms)
    _refuse_manager(exchange, before, terms, by)
    note = f"Changed: {', '.join(rules.changed(before, terms))}."
    WORKFLOW.apply("amend", exchange, by=by, note=note, change=lambda: _write_next(exchange, terms, by))
    assert exchange.newest_version is not None  # noqa: S101 (just written)
    messages.agreement_amended(exchange, by)
    return exchange.newest_version


def go_unfunded(exchange: Exchange, *, by: User, reason: str) -> AgreementVersion:
    """No voucher comes of it: the guest organisation pays, once the host has signed that, too."""
    WORKFLOW.check("go_unfunded", exchange, by)
    terms = replace(Terms.of(exchange.newest_version), self_funded=True)
    WORKFLOW.apply("go_unfunded", exchange, by=by, note=reason, change=lambda: _write_next(exchange, terms, by))
    assert exchange.newest_version is not None  # noqa: S101 (just written)
    messages.exchange_unfunded(exchange, by, reason)
    return exchange.newest_version


def replace_guest(exchange: Exchange, *, by: User, delegate: str, name: str, email: str, level: str, reason: str) -> Done:
    """Somebody else travels, for a reason; `delegate` is the position of who falls out. Both sides sign the new version.

    Whoever acts for the guests is followed by a colleague with an account, who acts from now on.
    """
    WORKFLOW.check("replace_guest", exchange, by)
    row = next((each for each in exchange.delegates if str(each.position) == delegate), None)
    if row is None:
        raise Refusal("Choose who does not travel.", "delegate")
    acts = row.email == exchange.guest.email
    newcomer = _newcomer(exchange, email, level, must_act=acts)
    before = Terms.of(exchange.newest_version)
    contact = before.guest_contact.replace(f"{row.name}, {row.email}", f"{name}, {email}")
    gone, (row.name, row.email, row.level) = row.name, (name, email, level)

    def change() -> None:
        if acts and newcomer is not None:
            exchange.guest = newcomer
        _write_next(exchange, replace(before, guest_contact=contact, travellers=_travellers(exchange.application)), by)

    done = WORKFLOW.apply("replace_guest", exchange, by=by, note=f"{name} instead of {gone}. {reason}", change=change)
    messages.guest_replaced(exchange, by, gone, newcomer or Addressee(name, email), reason)
    return done


def _newcomer(exchange: Exchange, email: str, level: str, *, must_act: bool) -> User | None:
    """The newcomer's account, if they have one; Refusal if they cannot travel, or not act where they must."""
    person, home = user_by_email(email), exchange.guest_organisation
    if any(each.email.lower() == email.lower() for each in exchange.delegates if each.email):
        raise Refusal("This guest travels already.", "email")
    if person is not None and person.roles_in(exchange.host_id):
        raise Refusal(f"{person.name} belongs to {exchange.host.name}, the host.", "email")
    if problem := next(iter(level_fits(level, exchange.theme, "level")), None):
        raise Refusal(problem.message, problem.field)
    if must_act and (person is None or not {Role.GUEST, Role.COORDINATOR} & person.roles_in(home.id)):
        raise Refusal(f"The first guest acts for {home.name}: invite them into its team as a guest first.", "email")
    return person


def sign(exchange: Exchange, *, by: User, number: int, link: str = "") -> Done:
    """Sign version `number`, which the person has seen, for one side; the last signature makes the agreement.

    `link` declares a link between both organisations (product.md: related-party links are declared); empty: there is none.
    Raises EditConflict if there is a newer version by now.
    """
    WORKFLOW.check("sign", exchange, by)
    version = exchange.newest_version
    if version is None or version.number != number:
        raise EditConflict(exchange, exchange.changes_since(0)[-1:])
    done = WORKFLOW.apply(
        "sign", exchange, by=by, note=f"Version {number}", change=lambda: _add_signature(exchange, version, by, link)
    )
    if len(signed_sides(exchange)) == len(SIDES):
        messages.agreement_agreed(exchange)
        _tell_home(exchange, version)
    else:
        messages.agreement_signed(exchange, by)
    return done


def _tell_home(exchange: Exchange, version: AgreementVersion) -> None:
    """Of what both sides have signed: it endorses it, unless it has, or is told."""
    if exchange.endorsement == REQUIRED and not version.endorsements:
        messages.endorsement_asked(exchange)
    elif exchange.endorsement == INFORMED:
        messages.endorsement_informed(exchange)


def start(exchange: Exchange, *, by: By) -> Done:
    """The guest is here, or the first day has come."""
    return WORKFLOW.apply("start", exchange, by=by)


def confirm_attendance(
    exchange: Exchange, *, by: User, first_day: date, last_day: date, attended: Sequence[int], note: str = ""
) -> Done:
    """Who came, from when to when; the certificate can be made from now on, and the end reports are due.

    `attended` are places in the delegation (`Delegate.position`): two travellers may have one name.
    """
    WORKFLOW.check("confirm_attendance", exchange, by)
    _attest(exchange, by, first_day, last_day, attended)
    exchange.certificate_code, exchange.certified_names = new_code(), asdict(Names.of(exchange))
    return WORKFLOW.apply("confirm_attendance", exchange, by=by, note=note)


def correct_attendance(
    exchange: Exchange, *, by: User, first_day: date, last_day: date, attended: Sequence[int], reason: str
) -> Done:
    """Another day, or somebody else who came, for a reason; the certificate says so from now on, under the same code."""
    WORKFLOW.check("correct_attendance", exchange, by)
    before = rules.attendance_in_words(exchange)
    _attest(exchange, by, first_day, last_day, attended)
    after = rules.attendance_in_words(exchange)
    if after == before:
        raise Refusal("Nothing has changed: this is what was confirmed.", "last_day")
    done = WORKFLOW.apply("correct_attendance", exchange, by=by, note=f"{after}; before: {before}. {reason}")
    messages.attendance_corrected(exchange, before, after, reason)
    return done


def take_over(exchange: Exchange, *, by: User, reason: str) -> Done:
    """The guest has left: a coordinator of their organisation acts in their place. Who travels is not changed by it."""
    done = WORKFLOW.apply("take_over", exchange, by=by, note=f"{exchange.guest.name} has left. {reason}")
    messages.exchange_taken_over(exchange, exchange.guest, by, reason)
    exchange.guest = by
    return done


def object_to_attendance(exchange: Exchange, *, by: User, reason: str) -> None:
    """The guest was there on other days: the programme reads it before it pays, and the host can correct it."""
    WORKFLOW.apply("object_to_attendance", exchange, by=by, note=reason)
    messages.attendance_objected(exchange, reason)


def _attest(exchange: Exchange, by: User, first_day: date, last_day: date, attended: Sequence[int]) -> None:
    """Raises Refusal for days that cannot have been, or if nobody came."""
    today = clock.today(exchange.timezone)
    if problem := rules.actual_days_problem(exchange, first_day, last_day, today):
        raise Refusal(problem[1], problem[0])
    places = {delegate.position: delegate.name for delegate in exchange.delegates}
    came = [place for place in places if place in attended]
    if not came or set(attended) - set(places):
        raise Refusal("Say who came: at least one of the guests. If nobody came, report a no-show instead.", "attended")
    exchange.actual_first_day, exchange.actual_last_day = first_day, last_day
    exchange.attended, exchange.attended_places = [places[place] for place in came], came
    exchange.confirmed_by_id, exchange.confirmed_by_name, exchange.confirmed_on = by.id, by.name, today


def report_no_show(exchange: Exchange, *, by: User, reason: str) -> Done:
    """Nobody came. The place is not given back: its days have passed."""
    done = WORKFLOW.apply("report_no_show", exchange, by=by, note=reason)
    messages.exchange_no_show(exchange, reason)
    return done


def cancel(exchange: Exchange, *, by: User, reason: str) -> Done:
    """Called off before it began: the place becomes free."""
    WORKFLOW.check("cancel", exchange, by)
    theme = lock_theme(exchange.theme_id)
    done = WORKFLOW.apply("cancel", exchange, by=by, note=reason)
    themes.free_place(theme)
    messages.exchange_cancelled(exchange, by, reason)
    return done


def close(exchange: Exchange, *, by: By = SYSTEM, note: str = "") -> Done:
    """Nothing is awaited of the visit itself any more (followup/operations.py)."""
    return WORKFLOW.apply("close", exchange, by=by, note=note)


def _first_terms(application: Application, first_day: date, last_day: date) -> Terms:
    """Nothing known is asked again: theme and application say most of it."""
    theme, guest = application.theme, application.guest
    coordinators = host_coordinators(application)
    return Terms(
        objectives=lines.split(application.objectives, lines.PREFIXES["objectives"]),
        guest_benefit=lines.split(theme.learning_offered, lines.PREFIXES["guest_benefit"]),
        host_benefit=lines.split(f"{theme.benefit_wanted}\n{application.brings}", lines.PREFIXES["host_benefit"]),
        first_day=first_day,
        last_day=last_day,
        agenda=rules.first_agenda(first_day, last_day),
        host_contact=f"{coordinators[0].name}, {coordinators[0].email}" if coordinators else "",
        guest_contact=f"{guest.name}, {guest.email}",
        travellers=_travellers(application),
        self_funded=application.self_funded,
    )


def _travellers(application: Application) -> str:
    return "\n".join(delegate.name for delegate in application.delegates)


def _refuse_impossible(exchange: Exchange, terms: Terms) -> None:
    newest = exchange.newest_version
    if newest is not None and not rules.changed(Terms.of(newest), terms):
        raise Refusal(f"Nothing has changed: this is version {newest.number} word for word.")
    today = clock.today(exchange.timezone)
    if problem := days_problem(exchange.theme, terms.first_day, terms.last_day, today):
        raise Refusal(problem.message, problem.field)
    if reason := rules.agenda_problem(terms.agenda, terms.first_day, terms.last_day):
        raise Refusal(reason, "agenda")


def name_manager(exchange: Exchange, *, by: User, name: str, email: str) -> Done:
    """Who confirms later what is in use at home, if the agreement names nobody, or they have left. Raises Refusal as `amend`."""
    WORKFLOW.check("name_manager", exchange, by)
    _refuse_who_cannot_confirm(exchange, name, email)
    if rules.manager_of(exchange) == (name, email):
        raise Refusal(f"{name} is named already.", "manager_name")

    def change() -> None:
        exchange.manager_name, exchange.manager_email = name, email

    return WORKFLOW.apply("name_manager", exchange, by=by, note=f"{name}.", change=change)


def _refuse_manager(exchange: Exchange, before: Terms, terms: Terms, by: User) -> None:
    """Raises Refusal if another manager is named by somebody else than the guest, or is the guest, or of the host."""
    name, email = terms.manager_name, terms.manager_email
    if (name, email) == (before.manager_name, before.manager_email):
        return
    if Actor.GUEST not in WORKFLOW.acting_on(by, exchange):
        raise Refusal(f"{exchange.guest_organisation.name} says who of them can confirm it.", "manager_name")
    _refuse_who_cannot_confirm(exchange, name, email)


def _refuse_who_cannot_confirm(exchange: Exchange, name: str, email: str) -> None:
    if problem := rules.manager_problem(name, email, exchange.guest):
        raise Refusal(problem.message, problem.field)
    person = user_by_email(email) if email else None
    if person is not None and person.roles_in(exchange.host_id):
        raise Refusal(f"{person.name} belongs to {exchange.host.name}, the host.", "manager_email")


def _keyed(exchange: Exchange, name: str, typed: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with the keys that they keep; no key of this exchange is ever used for another line. Raises Refusal."""
    texts = [Line(key, text.strip()) for key, text in typed if text.strip()]
    if not 1 <= len(texts) <= lines.MOST_LINES:
        raise Refusal(f"Write one to {lines.MOST_LINES} lines.", name)
    used = {row["key"] for version in exchange.versions for row in getattr(version, name)}
    known = lines.read(getattr(exchange.newest_version, name))
    return lines.numbered(lines.recognised(texts, known), lines.PREFIXES[name], used)


def _write_next(exchange: Exchange, terms: Terms, by: User) -> None:
    _add_version(exchange, rules.without_own_manager(terms, exchange.guest), by)
    exchange.objected = False
    if exchange.state == PLANNING:
        exchange.first_day, exchange.last_day = terms.first_day, terms.last_day


def _add_version(exchange: Exchange, terms: Terms, by: User) -> None:
    number = exchange.newest_version.number + 1 if exchange.newest_version else 1
    version = AgreementVersion(
        exchange=exchange,
        number=number,
        objectives=lines.stored(terms.objectives),
        guest_benefit=lines.stored(terms.guest_benefit),
        host_benefit=lines.stored(terms.host_benefit),
        first_day=terms.first_day,
        last_day=terms.last_day,
        agenda=rules.stored(terms.agenda),
        host_contact=terms.host_contact,
        guest_contact=terms.guest_contact,
        manager_name=terms.manager_name,
        manager_email=terms.manager_email,
        travellers=terms.travellers,
        self_funded=terms.self_funded,
        written_by_id=by.id,
    )
    db.session.add(version)
    db.session.flush()
    exchange.newest_version = version


def _add_signature(exchange: Exchange, version: AgreementVersion, by: User, link: str) -> None:
    """The side is the first that the person may sign for and that has not signed."""
    open_parts = WORKFLOW.acting_on(by, exchange) - signed_sides(exchange)
    part = next(actor for actor in SIDES if actor in open_parts)
    version.signed_names = version.signed_names or asdict(Names.of(exchange))
    version.signatures.append(Signature(side=SIDES[part], signed_by_id=by.id, name=by.name, link=link.strip()))
    if len(signed_sides(exchange)) == len(SIDES):
        exchange.agreed_version = version
        exchange.first_day, exchange.last_day = version.first_day, version.last_day
        exchange.self_funded = version.self_funded
        exchange.endorser = endorser_of(exchange) if exchange.endorsement == REQUIRED else exchange.endorser
