"""The mails to those who travel, each with the way to their page: a personal link, or signed in for whoever has an account."""

from collections.abc import Iterable, Sequence
from typing import Any

from mobility.core.links import absolute, path_of
from mobility.delegates import links, queries, rules
from mobility.delegates.queries import Before
from mobility.delegates.rules import Attested
from mobility.exchanges import invitations
from mobility.exchanges.invitations import Calendar
from mobility.exchanges.messages import both_sides
from mobility.exchanges.models import Exchange
from mobility.exchanges.queries import invited
from mobility.notifications.operations import Addressee, post, row, store
from mobility.notifications.rendering import write
from mobility.people.models import User

Person = User | Addressee


def agreed(exchange: Exchange) -> None:
    """To all who travel and sign for no side: where and when, with the stay for their calendar. And to whoever had it there and
    is none of these any more, that it is not theirs."""
    sides, before = both_sides(exchange), invited(exchange)
    travelling = _without(sides, queries.people(exchange))
    again = rules.agreed_before(exchange) is not None
    moved_from = rules.days_before(exchange)
    calendar = invitations.request(exchange)
    _post("stay_agreed", travelling, exchange, calendar=calendar, again=again, moved_from=moved_from)
    gone = _without([*sides, *travelling], before)
    _post("stay_not_yours", gone, exchange, calendar=invitations.cancellation(exchange))


def cancelled(exchange: Exchange, by: User, reason: str) -> None:
    """To all who travel and know of it, and to everybody else who has it in their calendar, so that it leaves that, too."""
    travelling = queries.who_knows(exchange, _without(both_sides(exchange), queries.people(exchange)))
    _ended("stay_cancelled", travelling, exchange, by=by, reason=reason)


def no_show(exchange: Exchange, by: User, reason: str) -> None:
    """The same, of one to which nobody came."""
    travelling = _without([exchange.guest], queries.people(exchange))
    _ended("stay_no_show", travelling, exchange, by=by, reason=reason)


def _ended(kind: str, travelling: list[Person], exchange: Exchange, **context: Any) -> None:
    everybody = _each_once(travelling, invited(exchange))
    _post(kind, everybody, exchange, calendar=invitations.cancellation(exchange), **context)


def replaced(exchange: Exchange, before: Before, by: User) -> None:
    """To whoever does not travel any more, if they knew of it; to whoever travels instead: what is agreed."""
    gone, newcomer = before.person, queries.person_of(before.delegate)
    if gone is not None:
        had_it = any(each.email.lower() == gone.email.lower() for each in invited(exchange))
        calendar = invitations.cancellation(exchange) if had_it else None
        _post("stay_replaced", queries.who_knows(exchange, [gone]), exchange, by=by, had_it=had_it, calendar=calendar)
    _post("guest_newcomer", [newcomer] if newcomer else [], exchange, by=by, gone=before.name)


def attendance(exchange: Exchange, before: Attested | None = None) -> None:
    """To those who travelled along: their certificate, or that the host did not see them. Corrected: to whom it is news."""
    now = rules.attested(exchange)
    for delegate in exchange.delegates:
        person = queries.person_of(delegate)
        if person is None or person == exchange.guest or not rules.is_news(before, now, delegate.position):
            continue
        came = now.came[delegate.position]
        _post("stay_confirmed" if came else "stay_without_you", [person], exchange, came=came, corrected=before is not None)


def link(exchange: Exchange, person: Addressee, number: int) -> None:
    """Their page, asked for by themselves or by whoever acts for them; once for each link that is made."""
    address = _link(exchange, person)
    letter = write("delegate_link", person=person, link=address, about=exchange, exchange=exchange)
    store([row("delegate_link", person, letter, f"{exchange.subject_type}:{exchange.id}:link {number}", about=exchange)])


def _post(kind: str, people: Sequence[Person], exchange: Exchange, *, calendar: Calendar | None = None, **context: Any) -> None:
    version = exchange.newest_version
    for person in people:
        path, own = _way(exchange, person)
        given: dict[str, Any] = {**context, "exchange": exchange, "version": version, "own": own}
        if not path:
            given["link"] = _link(exchange, person)
        post(kind, [person], about=exchange, path=path, calendar=calendar, **given)


def _way(exchange: Exchange, person: Person) -> tuple[str, str]:
    """The path for whoever signs in ("" for a link), and what it leads to: their "exchange", their "page", or "" for neither."""
    if person.id is None:
        return "", "page" if _travels_by_link(exchange, person) else ""
    if exchange.workflow.may_see(person, exchange):
        return path_of("exchanges.show", id=exchange.id), "exchange"
    if any(person == each for each in queries.people(exchange)):
        return path_of("delegates.own", id=exchange.id), "page"
    return path_of("home.index"), ""


def _travels_by_link(exchange: Exchange, person: Person) -> bool:
    if queries.under(exchange, person.email) is None:
        return False
    newest = queries.newest(exchange, person.email)
    return newest is None or newest.ended_at is None


def _link(exchange: Exchange, person: Person) -> str:
    found = links.address_for(exchange, person.email) if _travels_by_link(exchange, person) else None
    return found or absolute("/")


def _each_once(*several: Iterable[Person]) -> list[Person]:
    """By the first that names them: those who travel come first, so that nobody is called by their address."""
    found: dict[str, Person] = {}
    for each in (person for people in several for person in people):
        found.setdefault(each.email.lower(), each)
    return list(found.values())


def _without(known: Iterable[Person], people: Iterable[Person]) -> list[Person]:
    addresses = {each.email.lower() for each in known}
    return [each for each in people if each.email.lower() not in addresses]
