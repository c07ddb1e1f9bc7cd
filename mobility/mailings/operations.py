"""Sending to the people of a list; wanting no more of it."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, insert, select

from mobility.audit.operations import record
from mobility.core.database import db, table_of
from mobility.core.errors import NotAllowed, Refusal
from mobility.lists.columns import Line, Place
from mobility.lists.reaching import Reach
from mobility.mailings import messages, queries
from mobility.mailings.models import Mailing, MailingLetter, MailRefusal
from mobility.mailings.queries import Draft
from mobility.mailings.rules import MOST_A_DAY, MOST_PEOPLE_A_DAY, Letter
from mobility.people.models import User
from mobility.people.queries import locked

NOT_FOR_ANOTHER = "Nobody writes to a list for somebody else."


class TooMany(Refusal):
    """For today (429)."""

    status = 429


class NobodyLeft(Refusal):
    """Whoever is meant gets no mail (409)."""

    status = 409


def refuse_stand_in(user: User) -> None:
    if user.stand_in:
        raise NotAllowed(NOT_FOR_ANOTHER)


def new(reach: Reach, draft: Draft, *, by: User, reply: bool) -> Mailing:
    """What would be sent, not stored yet."""
    kind, id = draft.place
    return Mailing(
        by_id=by.id,
        by_name=by.name,
        programme_id=id if kind == "programme" else None,
        organisation_id=id if kind == "organisation" else None,
        list_name=reach.name,
        list_title=reach.title,
        list_path=reach.address,
        filters=dict(reach.filters),
        is_case=draft.is_case,
        subject_line=draft.subject_line,
        text=draft.text,
        reply_to=by.email if reply else "",
        digest=draft.digest(by),
    )


def send(reach: Reach, lines: Sequence[Line], draft: Draft, *, by: User, reply: bool = False) -> Mailing:
    """One mail to each person of these rows, who are of the list as it is now; once, from however many tabs.

    Raises NobodyLeft if all have had it or want none, TooMany beyond what one may send in a day.
    """
    refuse_stand_in(by)
    locked(User, by.id)  # of two sendings the second knows whom the first has reached
    found = queries.letters(reach, lines, draft, by)
    going = [each for each in found if not each.left_out]
    _refuse(found, going, by)
    mailing = new(reach, draft, by=by, reply=reply)
    mailing.mailed = len(going)
    db.session.add(mailing)
    db.session.flush()
    _keep(mailing, found)
    messages.mail(mailing, going, reach.reached.page)
    _record(mailing, by)
    return mailing


def stop(person_id: int, place: Place) -> None:
    """No more news from there, nor those that wait to be sent. Said twice, it is said once. By whoever has the person's link: no
    password is asked for."""
    if db.session.scalar(select(exists().where(queries.of_place(person_id, place)))):
        return
    kind, id = place
    db.session.add(MailRefusal(person_id=person_id, **{f"{kind}_id": id}))
    messages.drop_news(person_id, place)
    record("news_refused", by=None, about=_name(place), person_id=person_id)


def want_again(person: User, place: Place) -> None:
    """News from there are welcome again."""
    db.session.execute(delete(MailRefusal).where(queries.of_place(person.id, place)))
    record("news_wanted", by=person, about=_name(place), person_id=person.id)


def _refuse(found: Sequence[Letter], going: Sequence[Letter], by: User) -> None:
    if not going:
        if any(each.left_out == "had_it" for each in found):
            raise NobodyLeft("This was sent already: all these people have had exactly this mail from you within a day.")
        raise NobodyLeft("Nobody of these would get it. Look at who is left out, and why.")
    mailings, mails = queries.sent_today(by)
    if mailings >= MOST_A_DAY:
        raise TooMany(f"You have written to {MOST_A_DAY} lists within a day. Go on tomorrow.")
    if mails + len(going) > MOST_PEOPLE_A_DAY:
        left = max(0, MOST_PEOPLE_A_DAY - mails)
        raise TooMany(f"One person sends at most {MOST_PEOPLE_A_DAY:,} mails in a day; for you {left:,} are left of these.")


def _keep(mailing: Mailing, found: Sequence[Letter]) -> None:
    rows = [
        {
            "mailing_id": mailing.id,
            "person_id": each.person.id,
            "name": each.person.name,
            "about": each.about,
            "left_out": each.left_out,
        }
        for each in found
    ]
    db.session.execute(insert(table_of(MailingLetter)), rows)


def _record(mailing: Mailing, by: User) -> None:
    mails = f"{mailing.mailed} mail{'' if mailing.mailed == 1 else 's'}"
    record(
        "mailing_sent",
        by=by,
        about=f"“{mailing.subject_line}”, {mails} to {mailing.list_title}",
        programme_id=mailing.programme_id,
        organisation_id=mailing.organisation_id,
        after={"mailing": mailing.id, **mailing.filters},
    )


def _name(place: Place) -> str:
    return f"From {queries.names_of([place]).get(place, 'nobody any more')}"
