"""What guests and hosts do with an application (workflows.md, "Application"). `by` is a `User`; SYSTEM lapses."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import update
from sqlalchemy.orm.attributes import flag_modified

from mobility.applications import messages, queries
from mobility.applications.models import Application, Delegate, FirstContact
from mobility.applications.rules import CONTACT_KINDS, NOT_TALKED_YET, OR_KNOWN, days_problem, problems, problems_of_waiting, say
from mobility.applications.workflow import DRAFT, WORKFLOW, WRITABLE, acquainted, holds_place, without_place
from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import NotAllowed, NotReady, Refusal, WrongState
from mobility.people.models import Organisation, User
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.themes.queries import lock as lock_theme
from mobility.themes.workflow import ARCHIVED
from mobility.workflows.table import SYSTEM, By

ON_SENDING: list[Callable[[Application, User], None]] = []  # what later features do with what the guest has sent: see create_app


def start(theme: Theme, *, by: User, guest_organisation: Organisation) -> Application:
    """A draft with what is known already; the guest's unfinished application to this theme if there is one."""
    _refuse_others_organisation(guest_organisation, by)
    queries.lock_guest(by.id)
    if application := queries.unfinished(theme, by):
        return application
    application = Application(
        theme=theme,
        guest_id=by.id,
        guest_organisation=guest_organisation,
        delegates=[Delegate(position=1, name=by.name, email=by.email, level=by.level or "")],
    )
    db.session.add(application)
    db.session.flush()
    return application


def save(
    application: Application,
    *,
    by: User,
    guest_organisation: Organisation,
    delegates: Sequence[tuple[str, str, str]],
    motivation: str = "",
    objectives: str = "",
    brings: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
    self_funded: bool = False,
) -> None:
    """Keep a draft as it is, complete or not. `delegates` are (name, mail address, level), the guest first."""
    check_draft(application, by)
    _refuse_others_organisation(guest_organisation, by)
    application.guest_organisation = guest_organisation
    application.motivation = motivation
    application.objectives = objectives
    application.brings = brings
    application.first_day = first_day
    application.last_day = last_day
    application.self_funded = self_funded
    if _set_delegates(application, delegates):
        flag_modified(application, "state")  # a new version of the application, too
    db.session.flush()


def submit(application: Application, *, by: User) -> None:
    """Send it to the host. Raises NotReady with every reason that stands against it."""
    _send("submit", application, by)


def accept_offer(application: Application, *, by: User) -> None:
    """Take the place that became free: the application goes to the host, as with `submit`, and the place is kept for it."""
    _send("accept_offer", application, by)


def _send(action: str, application: Application, by: User) -> None:
    WORKFLOW.check(action, application, by)
    queries.lock_guest(application.guest_id)
    if found := problems(application, queries.circumstances(application)):
        raise NotReady(found)
    application.submitted_on = clock.today(application.timezone)
    WORKFLOW.apply(action, application, by=by)
    messages.application_submitted(application)
    for do in ON_SENDING:
        do(application, by)


def record_contact(application: Application, *, by: User, held_on: date, kind: str, note: str = "", told: bool = False) -> None:
    """The first conversation of host and guest (P9). `told`: the other side knows already, as they have it before them."""
    WORKFLOW.check("record_contact", application, by)
    if held_on > clock.today(application.timezone):
        raise Refusal(NOT_TALKED_YET, "held_on")
    if kind not in CONTACT_KINDS:
        raise Refusal("Choose how you talked.", "kind")
    contact = FirstContact(held_on=held_on, kind=kind, note=note, recorded_by_id=by.id)
    application.first_contacts.append(contact)
    words = f"{CONTACT_KINDS[kind]} on {say(held_on)}"
    WORKFLOW.apply("record_contact", application, by=by, note=f"{words}. {note}".strip() if note else words)
    if not told:
        messages.contact_recorded(application, contact, by)


def accept(
    application: Application,
    *,
    by: User,
    first_day: date,
    last_day: date,
    know_each_other: bool = False,
    note: str = "",
) -> None:
    """Say yes, offering dates. An exchange follows a first contact, or both know each other, said explicitly (P9)."""
    WORKFLOW.check("accept", application, by)
    if problem := days_problem(application.theme, first_day, last_day, clock.today(application.timezone)):
        raise Refusal(problem.message, problem.field)
    application.know_each_other = know_each_other
    if reason := acquainted(application, by):
        raise Refusal(f"{reason} {OR_KNOWN}", "know_each_other")
    application.offered_first_day, application.offered_last_day = first_day, last_day
    WORKFLOW.apply("accept", application, by=by, note=note)
    messages.application_accepted(application, note)


def confirm(application: Application, *, by: User) -> None:
    """The guest says yes, too: the match takes a place. `exchanges.operations.confirm` makes the exchange with it."""
    theme = lock_theme(application.theme_id)
    WORKFLOW.apply("confirm", application, by=by)
    if holds_place(application):
        application.place_offered_on = None
        theme.places_offered -= 1
    themes.take_place(theme)


def take_back(application: Application, *, by: User, reason: str) -> None:
    """The wrong one was accepted: the host answers once more, and the days that were offered are forgotten."""

    def forget() -> None:
        application.offered_first_day = application.offered_last_day = None

    WORKFLOW.apply("take_back", application, by=by, note=reason, change=forget)
    messages.acceptance_taken_back(application, reason)
    if not holds_place(application):
        themes.let_go(lock_theme(application.theme_id), held=False)


def decline(application: Application, *, by: User, reason: str) -> None:
    WORKFLOW.apply("decline", application, by=by, note=reason)
    messages.application_declined(application, reason)
    _let_go(application)


def withdraw(application: Application, *, by: User, reason: str = "") -> None:
    """The guest takes it back. The host hears of it only if it had been sent."""
    was_sent = application.state != DRAFT
    WORKFLOW.apply("withdraw", application, by=by, note=reason)
    if was_sent:
        messages.application_withdrawn(application, reason)
        _let_go(application)


def lapse(application: Application, *, by: By = SYSTEM) -> None:
    """Nobody acted in time, or no place became free."""
    asked_for, due_on, late = application.waiting_for, application.due_on, _late(application)
    WORKFLOW.apply("lapse", application, by=by, note=f"{late} by {say(due_on)}." if due_on else f"{late} in time.")
    if asked_for == "place_offer":
        messages.offer_lapsed(application, due_on)
    else:
        messages.application_lapsed(application, late, due_on)
    _let_go(application)


def _late(application: Application) -> str:
    if application.waiting_for == "place_offer":
        return "The place was not taken"
    if without_place(application):
        return "No place became free"
    return "The host did not answer" if application.waiting_for == "host_answer" else "The guest did not confirm"


# Waiting for a place


def wait_for_place(application: Application, *, by: User) -> None:
    """All places are taken: stand in the queue for one that becomes free. Raises NotReady if the guest could not have it."""
    WORKFLOW.check("wait_for_place", application, by)
    if found := problems_of_waiting(application, queries.circumstances(application)):
        raise NotReady(found)
    application.queued_at = clock.utc_now()
    WORKFLOW.apply("wait_for_place", application, by=by)
    themes.let_go(lock_theme(application.theme_id), held=False)  # one may be free already, of a theme that its last place closed


def leave_queue(application: Application, *, by: User) -> None:
    """At any time, also while a place is offered: it goes to the next."""
    WORKFLOW.apply("leave_queue", application, by=by)
    application.queued_at = None
    _let_go(application)


def end_waiting(application: Application, *, by: By = SYSTEM) -> None:
    """No place became free before the theme was closed for good, or before its last day to apply."""
    theme = application.theme
    WORKFLOW.apply("end_waiting", application, by=by, note="No place became free.")
    if holds_place(application):
        application.place_offered_on = None
        theme.places_offered -= 1
    messages.waiting_ended(application)


class PlaceQueue:
    """Those who wait for a place of a theme: see themes/queue.py."""

    def offer(self, theme: Theme) -> None:
        """First come those whom the host has accepted. Whoever had been told that the last place went hears of what is free."""
        count = theme.free_places - len(queries.accepted(theme.id))
        for application in queries.next_in_queue(theme.id, count):
            _offer(application)
        if theme.free_places > 0:
            for application in queries.told_that_it_went(theme.id):
                application.place_gone_on = None
                messages.place_free_again(application)

    def all_taken(self, theme: Theme) -> None:
        """Whoever has been told already is not told again."""
        for application in queries.open_without_place(theme.id):
            if application.place_gone_on is not None:
                continue
            application.place_gone_on = clock.today(theme.timezone)
            messages.last_place_gone(application)

    def end(self, theme: Theme) -> None:
        """An offer that is out stands until its day, unless the theme is put away."""
        for application in queries.queue_of(theme.id):
            if theme.state == ARCHIVED or not holds_place(application):
                end_waiting(application)


def _offer(application: Application) -> None:
    def hold() -> None:
        application.place_offered_on = clock.today(application.timezone)
        themes.hold_place(application.theme)

    WORKFLOW.apply("offer_place", application, by=SYSTEM, change=hold)
    messages.place_offered(application)


def _let_go(application: Application) -> None:
    """It comes to nothing: what was kept for it, or an acceptance, is the next one's."""
    held = holds_place(application)
    application.place_offered_on = None
    themes.let_go(lock_theme(application.theme_id), held=held)


def check_draft(application: Application, by: User) -> None:
    """Raises NotAllowed or WrongState: only the guest writes it, and only until it is sent."""
    if by.id != application.guest_id:
        raise NotAllowed("Only the guest can change an application.")
    if application.state not in WRITABLE:
        raise WrongState("What has been sent stays as it is. You can withdraw it and apply again.", application)


def _refuse_others_organisation(organisation: Organisation, by: User) -> None:
    if organisation.id not in by.organisation_ids(*queries.TRAVELLING_ROLES):
        raise Refusal("Choose an organisation you belong to.", "organisation")


def _set_delegates(application: Application, given: Sequence[tuple[str, str, str]]) -> bool:
    """Change the rows there are, and add or take away at the end; says whether anything has changed."""
    rows = application.delegates
    if [(row.name, row.email, row.level) for row in rows] == list(given):
        return False
    for row, (name, email, level) in zip(rows, given, strict=False):
        row.name, row.email, row.level = name, email, level
    del rows[len(given) :]
    for position in range(len(rows), len(given)):
        name, email, level = given[position]
        rows.append(Delegate(position=position + 1, name=name, email=email, level=level))
    return True


def follow_address(person: User, earlier: str) -> None:
    """They travel under the address they have now. What was signed keeps the one of its day."""
    db.session.execute(update(Delegate).where(Delegate.email == earlier).values(email=person.email))
