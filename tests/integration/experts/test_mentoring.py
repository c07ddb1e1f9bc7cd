"""A mentoring from the question to its end: who may do what, what is promised, who is told, and who leaves."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from mobility import jobs, reminders
from mobility.core.database import db, transaction
from mobility.core.errors import GuardRefused, NotAllowed, Refusal, WrongState
from mobility.experts import operations, queries
from mobility.experts.models import Expert, ExpertAsked, Mentoring
from mobility.experts.workflow import WORKFLOW
from mobility.notifications.rendering import html_of
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.workflows.table import SYSTEM
from tests.support.client import Visitor
from tests.support.experts import LOOKED, POINTS, Case, mail, mails, make_expert, make_mentoring
from tests.support.factories import (
    end_roles,
    make_agreed_exchange,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_user,
)
from tests.support.forms import fill, values_of
from tests.support.html import text_of
from tests.support.promises import told
from tests.support.queries import queries as counted

STATES = ["asked", "accepted", "talked", "agreed", "looked_back", "ended"]
CAN = {  # state -> part -> acts, by hand
    "asked": {"mentor": {"accept", "decline"}, "mentee": {"withdraw"}, "coordinator": {"withdraw"}},
    "accepted": {"mentor": {"record_talk", "cancel"}, "mentee": {"record_talk", "cancel"}, "coordinator": {"cancel"}},
    "talked": {"mentor": {"agree_points", "cancel"}, "mentee": {"agree_points", "cancel"}, "coordinator": {"cancel"}},
    "agreed": {
        "mentor": {"change_points", "look_back", "cancel"},
        "mentee": {"change_points", "look_back", "cancel"},
        "coordinator": {"cancel"},
    },
    "looked_back": {"mentor": {"end"}, "mentee": {"end"}, "coordinator": set()},
    "ended": {"mentor": set(), "mentee": set(), "coordinator": set()},
}


def to(clock: ModuleType, month: int, day: int, hour: int = 9) -> None:
    clock.set_to(datetime(2027, month, day, hour, tzinfo=UTC))


@pytest.fixture
def case(db_session: Any) -> Case:
    """Asked on Monday 1 March 2027, in a programme of Austria."""
    case = make_mentoring()
    db_session.commit()
    return case


# The steps


def test_from_the_question_to_the_end(case: Case, clock: ModuleType) -> None:
    mentoring, mentor, mentee = case.mentoring, case.mentor, case.mentee
    assert (mentoring.waiting_for, mentoring.due_on) == ("mentor_answer", date(2027, 3, 15))
    to(clock, 3, 3)
    operations.accept(mentoring, by=mentor, note="Gladly.")
    assert (mentoring.waiting_for, mentoring.due_on) == ("first_talk", date(2027, 3, 17))
    to(clock, 3, 12)
    operations.record_talk(mentoring, by=mentee, held_on=date(2027, 3, 10))
    assert (mentoring.waiting_for, mentoring.due_on) == ("three_points", date(2027, 3, 26))
    operations.agree_points(mentoring, by=mentor, points=POINTS, look_back_on=date(2027, 6, 10))
    assert (mentoring.waiting_for, mentoring.due_on) == ("looking_back", date(2027, 6, 10))
    assert [each["text"] for each in mentoring.points] == POINTS
    to(clock, 6, 11)
    operations.look_back(mentoring, by=mentee, looked=LOOKED)
    assert (mentoring.waiting_for, mentoring.ends_on) == (None, date(2027, 6, 25))
    assert [(each["text"], each["outcome"]) for each in mentoring.points] == list(
        zip(POINTS, ("done", "partly", "not"), strict=True)
    )
    operations.end(mentoring, by=mentor, note="Well done.")
    assert mentoring.state == "ended"
    assert told(mentoring) == [
        "mentor_answer 1 Mar to 15 Mar: kept_on_time 3 Mar",
        "first_talk 3 Mar to 17 Mar: kept_on_time 12 Mar",
        "three_points 12 Mar to 26 Mar: kept_on_time 12 Mar",
        "looking_back 12 Mar to 10 Jun: kept_late 11 Jun",
    ]
    assert mails() == [
        ("asked", mentor.email),
        ("accepted", mentee.email),
        ("talked", mentor.email),
        ("agreed", mentee.email),
        ("looked_back", mentor.email),
        ("ended", mentee.email),
    ]


@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what(case: Case, state: str, visitor: Visitor) -> None:
    mentoring = case.take_to(state)
    people = {"mentor": case.mentor, "mentee": case.mentee, "coordinator": case.coordinator}
    owner, colleague = make_member(mentoring.programme, Role.OWNER), make_member(mentoring.organisation, Role.HOST)
    strangers = [owner, colleague, make_member(mentoring.mentor_organisation, Role.COORDINATOR), make_user()]
    found = {name: {each.action for each in WORKFLOW.available(mentoring, person)} for name, person in people.items()}
    assert found == CAN[state]
    for person in strangers:
        assert not WORKFLOW.may_see(person, mentoring)
    db.session.commit()
    every = sorted({act for parts in CAN.values() for acts in parts.values() for act in acts})
    for name, person in people.items():
        hers = visitor(person)
        assert hers.get(f"/mentorings/{mentoring.id}").status_code == 200
        for act in every:
            status = hers.get(f"/mentorings/{mentoring.id}/{act.replace('_', '-')}").status_code
            mine = any(act in parts[name] for parts in CAN.values())
            assert status == (200 if act in CAN[state][name] else 409 if mine else 403), (name, act)
    for person in strangers[:3]:
        hers = visitor(person)
        for path in ("", "/accept", "/cancel", "/look-back"):
            assert hers.get(f"/mentorings/{mentoring.id}{path}").status_code == 404


def test_addresses_are_known_from_the_acceptance_on_and_to_the_two_alone(case: Case, visitor: Visitor) -> None:
    here = f"/mentorings/{case.mentoring.id}"
    mine, hers, coordinators = visitor(case.mentee), visitor(case.mentor), visitor(case.coordinator)

    def seen() -> tuple[bool, bool, bool]:
        pages = [(mine, case.mentor), (hers, case.mentee), (coordinators, case.mentor)]
        first, second, third = (person.email in who.get(here).text for who, person in pages)
        return first, second, third

    assert seen() == (False, False, False)
    question = mail("mentoring_asked")
    assert case.mentee.email not in question.text + html_of(question)
    answer = fill(hers, f"{here}/accept")
    assert case.mentee.email in hers.get(answer.location).text
    assert case.mentor.email in mail("mentoring_accepted").text
    assert seen() == (True, True, False)
    fill(mine, f"{here}/cancel", reason="We have found another way.")
    assert seen() == (False, False, False)


def test_a_declined_question_shows_no_address_ever(case: Case, visitor: Visitor) -> None:
    fill(visitor(case.mentor), f"/mentorings/{case.mentoring.id}/decline", reason="I am abroad until summer.")
    assert case.mentor.email not in visitor(case.mentee).get(f"/mentorings/{case.mentoring.id}").text
    declined = mail("mentoring_declined")
    assert "I am abroad until summer." in declined.text
    assert case.mentor.email not in declined.text
    assert told(case.mentoring) == ["mentor_answer 1 Mar to 15 Mar: kept_on_time 1 Mar"]


# Asking


def ask(visitor: Visitor, expert: Expert, by: User, **typed: Any) -> Any:
    return fill(visitor(by), f"/experts/{expert.id}/ask", **{"what_for": "Help us with a fund.", **typed})


@pytest.fixture
def asker(db_session: Any) -> User:
    make_programme(name="Danube Fund", timezone="Europe/Vienna")
    return make_member(make_organisation(), Role.HOST, name="Bo Asker")


def test_asking_from_the_list(visitor: Visitor, asker: User) -> None:
    expert = make_expert(name="Zala Mentor")
    db.session.commit()
    assert f"/experts/{expert.id}/ask" in visitor(asker).get("/experts").text
    asked = ask(visitor, expert, asker)
    assert asked.status_code == 302
    page = visitor(asker).get(asked.location)
    assert "Mentoring of Bo Asker by Zala Mentor" in text_of(page)
    mentoring = db.session.scalars(select(Mentoring)).one()
    assert (mentoring.what_for, mentoring.programme.name, mentoring.exchange) == ("Help us with a fund.", "Danube Fund", None)
    row = db.session.scalars(select(ExpertAsked)).one()
    assert (row.person_id, row.subject_type, row.subject_id) == (expert.person_id, "mentoring", mentoring.id)
    assert "Answer whether you will be a mentor" in visitor(expert.person).get("/").text
    assert "Waiting for Zala Mentor" in visitor(asker).get("/").text
    again = visitor(asker).get("/experts").text
    assert f"/experts/{expert.id}/ask" not in again
    assert f"/mentorings/{mentoring.id}" in again


def test_the_same_form_twice_asks_once(visitor: Visitor, asker: User) -> None:
    expert = make_expert()
    db.session.commit()
    hers, here = visitor(asker), f"/experts/{expert.id}/ask"
    typed = values_of(hers.get(here)) | {"what_for": "Help us."}
    first, second = hers.post(here, data=typed), hers.post(here, data=typed)
    assert first.location == second.location
    assert db.session.query(Mentoring).count() == 1


def test_about_an_exchange_its_programme_counts(visitor: Visitor, db_session: Any) -> None:
    exchange = make_agreed_exchange(state="completed")
    make_programme(name="Another one")
    expert = make_expert()
    asked = ask(visitor, expert, exchange.guest, exchange_id=str(exchange.id))
    mentoring = db.session.scalars(select(Mentoring)).one()
    assert (mentoring.exchange_id, mentoring.programme_id) == (exchange.id, exchange.programme_id)
    page = text_of(visitor(expert.person).get(asked.location))
    assert exchange.theme.title in page
    assert f"/exchanges/{exchange.id}" not in visitor(expert.person).get(asked.location).text
    assert f"/exchanges/{exchange.id}" in visitor(exchange.guest).get(asked.location).text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"what_for": ""}, "Please fill this in"),
        ({"what_for": "n" * 1501}, "Keep this to 1500 characters"),
        ({"programme_id": "7777"}, "Choose one from the list"),
        ({"exchange_id": "7777"}, "Choose one from the list"),
    ],
)
def test_what_is_wrong_with_a_question(visitor: Visitor, db_session: Any, typed: dict[str, str], message: str) -> None:
    exchange = make_agreed_exchange(state="completed")
    make_programme()
    answer = ask(visitor, make_expert(), exchange.guest, **typed)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert db.session.query(Mentoring).count() == 0


def itself(expert: Expert, asker: User) -> User:
    return expert.person


def colleague(expert: Expert, asker: User) -> User:
    make_membership(asker, expert.organisation, Role.HOST)
    return asker


def without_role(expert: Expert, asker: User) -> User:
    return make_user()


def pausing(expert: Expert, asker: User) -> User:
    expert.not_before = date(2027, 3, 2)
    return asker


def asked_before(expert: Expert, asker: User) -> User:
    _ask(expert, asker)
    return asker


def asked_three_others(expert: Expert, asker: User) -> User:
    for _ in range(3):
        _ask(make_expert(), asker)
    return asker


def _ask(expert: Expert, asker: User) -> Mentoring:
    [home, *_] = queries.organisations_of(asker)
    programme = queries.programmes_for([home])[0]
    return operations.ask(expert, by=asker, organisation=home, programme=programme, what_for="Help.")


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (itself, "This is you"),
        (colleague, "work in the same organisation"),
        (without_role, "you have no role in one"),
        (pausing, "does not want to be asked before 2 March 2027"),
        (asked_before, "You have asked Zala already: that mentoring is asked"),
        (asked_three_others, "3 mentors have yet to answer you"),
    ],
)
def test_who_cannot_ask_reads_why(visitor: Visitor, asker: User, who: Callable[[Expert, User], User], reason: str) -> None:
    expert = make_expert(name="Zala")
    person = who(expert, asker)
    db.session.commit()
    before = db.session.query(Mentoring).count()
    hers, here = visitor(person), f"/experts/{expert.id}/ask"
    assert reason in text_of(hers.get(here))
    homes = [each.id for each in queries.organisations_of(person)]
    answer = hers.post(here, data={"what_for": "Help us.", "form_key": "one", "organisation_id": homes[:1]})
    assert answer.status_code in {409, 422}
    assert reason in text_of(answer)
    assert db.session.query(Mentoring).count() == before


def test_who_is_no_mentor_or_stops_while_somebody_writes_is_not_asked(visitor: Visitor, asker: User) -> None:
    reviewer, stops = make_expert(as_mentor=False), make_expert()
    db.session.commit()
    hers, here = visitor(asker), f"/experts/{stops.id}/ask"
    assert hers.get(f"/experts/{reviewer.id}/ask").status_code == 404
    typed = values_of(hers.get(here)) | {"what_for": "Help us."}
    with transaction():
        operations.stop(db.session.get_one(User, stops.person_id))
    assert hers.post(here, data=typed).status_code == 404
    assert db.session.query(Mentoring).count() == 0


# What is typed on the way


@pytest.mark.parametrize(
    ("held_on", "message"),
    [
        ("2027-03-02", "a talk is recorded once it was held"),
        ("2027-02-28", "Choose a day from 1 March 2027 on"),
        ("", "fill this in"),
    ],
)
def test_the_talk_was_held_between_the_question_and_today(case: Case, visitor: Visitor, held_on: str, message: str) -> None:
    case.take_to("accepted")
    answer = fill(visitor(case.mentee), f"/mentorings/{case.mentoring.id}/record-talk", held_on=held_on)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert case.mentoring.state == "accepted"


GOOD = {"point_1": "One", "point_2": "Two", "point_3": "Ωmega <b>", "look_back_on": "2027-06-01"}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"point_2": " "}, "Please fill this in"),
        ({"point_3": "n" * 301}, "Keep this to 300 characters"),
        ({"look_back_on": "2027-03-01"}, "Choose a day after today, until 1 March 2028"),
        ({"look_back_on": "2028-03-02"}, "Choose a day after today, until 1 March 2028"),
        ({"look_back_on": ""}, "Please fill this in"),
    ],
)
def test_exactly_three_points_and_a_day(case: Case, visitor: Visitor, typed: dict[str, str], message: str) -> None:
    case.take_to("talked")
    hers, here = visitor(case.mentor), f"/mentorings/{case.mentoring.id}/agree-points"
    answer = fill(hers, here, **GOOD | typed)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert "Ωmega" in answer.text or typed.get("point_3")
    assert fill(hers, here, **GOOD).status_code == 303
    assert "Ωmega &lt;b&gt;" in hers.get(f"/mentorings/{case.mentoring.id}").text


def test_points_are_changed_and_the_earlier_ones_stay_in_the_history(case: Case, visitor: Visitor, clock: ModuleType) -> None:
    case.take_to("agreed")
    hers, here = visitor(case.mentee), f"/mentorings/{case.mentoring.id}"
    typed = values_of(hers.get(f"{here}/change-points"))
    assert (typed["point_1"], typed["look_back_on"]) == (POINTS[0], "2027-05-30")
    assert fill(hers, f"{here}/change-points", point_1="Something smaller", look_back_on="2027-04-30").status_code == 303
    page = text_of(hers.get(here))
    assert "Something smaller" in page
    assert f"1. {POINTS[0]}" in page
    assert case.mentoring.due_on == date(2027, 4, 30)
    assert told(case.mentoring)[-2:] == ["looking_back 1 Mar to 30 May: called_off 1 Mar", "looking_back 1 Mar to 30 Apr: open"]


def test_looking_back_asks_of_each_point(case: Case, visitor: Visitor) -> None:
    case.take_to("agreed")
    hers, here = visitor(case.mentee), f"/mentorings/{case.mentoring.id}"
    missing = fill(hers, f"{here}/look-back", outcome_1="done", outcome_2="maybe", words_1="Since May.")
    assert missing.status_code == 422
    assert text_of(missing).count("Say whether it was done") == 2  # in the summary and at the field, of point 3
    assert "Since May." in missing.text
    outcomes = {"outcome_1": "done", "outcome_2": "partly", "outcome_3": "not", "words_1": "Since May."}
    assert fill(hers, f"{here}/look-back", **outcomes).status_code == 303
    page = text_of(hers.get(here))
    for words in ("Done", "Partly", "Not done", "Since May.", "ends by itself after 15 March 2027"):
        assert words in page


def test_two_tabs_one_answer(case: Case, visitor: Visitor) -> None:
    hers, here = visitor(case.mentor), f"/mentorings/{case.mentoring.id}"
    accept, decline = values_of(hers.get(f"{here}/accept")), values_of(hers.get(f"{here}/decline"))
    assert hers.post(f"{here}/accept", data=accept).status_code == 303
    slower = hers.post(f"{here}/decline", data=decline | {"reason": "No time after all."})
    assert slower.status_code == 409
    assert "No time after all." in slower.text
    assert hers.post(f"{here}/accept", data=accept).status_code == 303  # the same click, twice
    assert [each for each in mails() if each[0] == "accepted"] == [("accepted", case.mentee.email)]


# What happens by itself


def test_a_question_lapses_after_ten_working_days(case: Case, clock: ModuleType) -> None:
    to(clock, 3, 15, hour=22)  # 23:00 in Vienna, still the last day
    jobs.run("lapse-mentorings")
    assert db.session.get_one(Mentoring, case.mentoring.id).state == "asked"
    to(clock, 3, 15, hour=23)  # 00:00
    for _ in range(2):
        jobs.run("lapse-mentorings")
    assert case.mentoring.state == "lapsed"
    assert mails()[1:] == [("lapsed", case.mentee.email)]
    with pytest.raises(WrongState):
        operations.accept(case.mentoring, by=case.mentor)


def test_reminders_go_to_whoever_owes_it(case: Case, clock: ModuleType) -> None:
    for day in range(2, 16):
        to(clock, 3, day)
        reminders.queue_due()
    assert mails()[1:] == [("reminder", case.mentor.email)] * 2
    with transaction():
        operations.accept(case.mentoring, by=case.mentor)
    for day in range(16, 32):  # due by Tuesday 30 March, as Easter Monday is no working day
        to(clock, 3, day)
        reminders.queue_due()
        reminders.escalate()
    found = mails()[4:]
    assert sorted(found) == sorted(
        [("reminder", each.email) for each in (case.mentor, case.mentee)] * 2 + [("escalation", case.coordinator.email)]
    )


def leave_organisation(case: Case) -> None:
    end_roles(case.mentee)


def mentee_closes(case: Case) -> None:
    case.mentee.active = False


def mentor_closes(case: Case) -> None:
    case.mentor.active = False


def mentor_leaves(case: Case) -> None:
    end_roles(case.mentor)


@pytest.mark.parametrize("state", STATES[:-1])
@pytest.mark.parametrize(
    ("leave", "told_ones"),
    [
        (leave_organisation, ["mentor", "mentee"]),
        (mentee_closes, ["mentor"]),
        (mentor_closes, ["mentee"]),
        (mentor_leaves, ["mentor", "mentee"]),
    ],
)
def test_whoever_leaves_ends_it_and_the_other_is_told(
    case: Case, state: str, leave: Callable[[Case], None], told_ones: list[str]
) -> None:
    mentoring = case.take_to(state)
    before = len(mails())
    jobs.run("leave-mentorings")
    assert mentoring.state == state
    leave(case)
    db.session.commit()
    if state not in {"asked", "looked_back"}:
        action: Any = {"accepted": "record_talk", "talked": "agree_points", "agreed": "look_back"}[state]
        with pytest.raises(GuardRefused, match="is no longer there"):
            WORKFLOW.check(action, mentoring, case.mentor)
    for _ in range(2):
        jobs.run("leave-mentorings")
    db.session.expire_all()
    assert (mentoring.state, mentoring.waiting_for) == ("cancelled", None)
    assert mails()[before:] == [("ended", getattr(case, who).email) for who in told_ones]
    assert "no longer acts for an organisation" in mentoring.history()[0].note


def test_a_mentor_who_moves_to_another_organisation_goes_on(case: Case) -> None:
    mentoring = case.take_to("agreed")
    end_roles(case.mentor)
    make_membership(case.mentor, make_organisation(), Role.HOST)
    db.session.commit()
    jobs.run("leave-mentorings")
    assert mentoring.state == "agreed"


def test_it_ends_by_itself_two_weeks_after_looking_back(case: Case, clock: ModuleType) -> None:
    mentoring = case.take_to("looked_back")
    db.session.commit()
    before = len(mails())
    to(clock, 3, 15, hour=22)
    jobs.run("end-mentorings")
    assert mentoring.state == "looked_back"
    with pytest.raises(GuardRefused):
        operations.end(mentoring, by=SYSTEM)
    to(clock, 3, 15, hour=23)
    jobs.run("end-mentorings")
    db.session.expire_all()
    assert mentoring.state == "ended"
    assert mails()[before:] == [("ended", case.mentor.email), ("ended", case.mentee.email)]


def test_stopping_to_be_asked_leaves_what_runs(case: Case) -> None:
    mentoring = case.take_to("accepted")
    operations.stop(case.mentor)
    operations.record_talk(mentoring, by=case.mentor, held_on=date(2027, 3, 1))
    assert mentoring.state == "talked"


def test_nobody_else_acts(case: Case) -> None:
    with pytest.raises(NotAllowed):
        operations.accept(case.mentoring, by=case.mentee)
    with pytest.raises(Refusal):
        operations.end(case.mentoring, by=case.mentor)


def test_after_the_end_the_same_two_can_begin_anew(case: Case) -> None:
    case.take_to("ended")
    expert = queries.of_person(case.mentor.id)
    assert expert
    again = operations.ask(
        expert, by=case.mentee, organisation=case.mentoring.organisation, programme=case.mentoring.programme, what_for="More."
    )
    assert again.id != case.mentoring.id


# The list


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_of_mentorings_needs_a_constant_number_of_queries(visitor: Visitor, db_session: Any, count: int) -> None:
    mentee = make_member(make_organisation(), Role.GUEST)
    programme = make_programme()
    for _ in range(count):
        case = make_mentoring("ended", mentee=mentee, programme=programme)
    db.session.commit()
    assert case.mentee is mentee
    hers = visitor(mentee)
    with counted() as seen:
        page = hers.get("/mentorings")
    assert page.status_code == 200
    assert page.text.count("We start a fund for young firms.") == min(count, 25)
    assert seen.count == 3, seen
