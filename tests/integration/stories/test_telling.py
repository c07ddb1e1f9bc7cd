"""From the draft to what everybody reads, and all ways back: by the operations, and what each side may do."""

from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest

from mobility import jobs
from mobility.core.database import db
from mobility.core.errors import GuardRefused, NotAllowed, NotReady, Refusal, WrongState
from mobility.experts import operations as experts
from mobility.notifications.models import OutboxMessage
from mobility.people.roles import Role
from mobility.stories import operations, queries
from mobility.stories.reviewers import could_review
from mobility.stories.workflow import HOST_VIEW, STORY
from tests.support.experts import asked_on_day, make_expert
from tests.support.factories import end_roles, make_member, make_membership, make_organisation, make_user
from tests.support.stories import TEXTS, VIEW, Telling, photo, telling


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Telling:
    return telling()


def mailed(kind: str) -> set[str]:
    """The names of those who got a mail of this kind."""
    mails = db.session.query(OutboxMessage).filter_by(kind=kind, subject_type="story")
    return {each.text.partition("This message is for ")[2].partition(".")[0] for each in mails}


def test_from_the_draft_to_what_everybody_reads(case: Telling) -> None:
    story = case.begin()
    assert story.state == "draft"
    assert mailed("story_begun") == {"Hugo Host", "Cara Coordinator"} | hosts(case)
    case.write(pictures=2)
    story = case.submit()
    assert (story.state, story.edition, story.reviewer) == ("in_review", 1, case.reviewer)
    assert (story.waiting_for, (story.due_on - story.waiting_since).days) == ("story_review", 14)
    assert mailed("story_to_review") == {"Rita Reviewer"}
    assert queries.told(story.id) is None
    story = case.review()
    assert (story.state, story.waiting_for) == ("in_review", "story_consent")
    assert mailed("story_recommended") >= {"Ana Guest", "Hugo Host", "Cara Coordinator"}
    story = case.agree(case.guest)
    assert (story.state, story.agreed_sides) == ("in_review", {"guest"})
    assert queries.told(story.id) is None
    story = case.agree(case.host)
    assert (story.state, story.waiting_for) == ("published", None)
    told = queries.told(story.id)
    assert told is not None
    assert told.publish == "with_names"
    assert {key: told.version.texts[key] for key in TEXTS} == TEXTS
    assert told.version.texts["host_view"] == VIEW
    assert [each["alt"] for each in told.version.pictures] == ["Picture 1 of the plant", "Picture 2 of the plant"]
    assert mailed("story_published") >= {"Ana Guest", "Hugo Host", "Rita Reviewer"}


def hosts(case: Telling) -> set[str]:
    """Whoever else coordinates the host."""
    return {each.user.name for each in case.asked.exchange.host.memberships if each.role == Role.COORDINATOR}


def test_what_is_known_is_filled_in(case: Telling) -> None:
    case.answered("end_guest", take_overs=[{"what": "A price list"}, {"what": "A calendar"}])
    texts = case.begin().texts
    assert texts["title"] == case.asked.exchange.theme.title
    assert texts["taken_over"] == "A price list\nA calendar"
    assert texts["exchange"].startswith("One colleague from Danube Tech (Bratislava) visited Mur Valley Cluster in Graz, ")


def test_begun_twice_it_is_one(case: Telling) -> None:
    first = case.begin()
    assert case.begin(by=case.host).id == first.id


def test_nobody_else_begins_one_and_not_before_the_visit(case: Telling) -> None:
    for stranger in (make_user(), case.reviewer, case.owner):
        with pytest.raises(Refusal, match="both sides"):
            operations.begin(case.asked.exchange, by=stranger)
    case.asked.exchange.actual_last_day = None
    planned = telling().asked
    db.session.execute(db.text("UPDATE exchange SET state = 'in_progress' WHERE id = :id"), {"id": planned.exchange.id})
    db.session.expire_all()
    with pytest.raises(Refusal, match="has taken place"):
        operations.begin(planned.exchange, by=planned.guest)


def test_all_that_is_missing_is_said_at_its_field(case: Telling) -> None:
    case.begin()
    case.write({**TEXTS, "took": "", "not_worked": "", "evidence": "", "strategy": ""}, pictures=1)
    part = case.story.part(STORY)
    part.texts = {**part.texts, "pictures": [{**part.texts["pictures"][0], "alt": ""}]}
    db.session.commit()
    with pytest.raises(NotReady) as refused:
        case.submit()
    assert [each.field for each in refused.value.problems] == ["took", "not_worked", "alts"]
    assert case.story.state == "draft"


def test_comments_lead_back_and_the_same_reviewer_reads_the_new_version(case: Telling) -> None:
    case.begin()
    case.write()
    case.submit()
    with pytest.raises(Refusal, match="what is to be changed"):
        case.review(recommend=False)
    story = case.review(recommend=False, not_worked="Say more.", whole="Shorter, please.")
    assert (story.state, story.waiting_for) == ("returned", None)
    assert [(each.chapter, each.text, each.number) for each in story.comments] == [
        ("not_worked", "Say more.", 1),
        ("whole", "Shorter, please.", 1),
    ]
    comment = story.comments[0].id
    story = case.do(operations.resolve, case.guest, id=comment)
    assert story.comments[0].resolved_by == "Ana Guest"
    story = case.do(operations.resolve, case.guest, id=comment)
    assert story.comments[0].resolved_at is None
    case.write({**TEXTS, "not_worked": "Discounts, and the first calendar."})
    story = case.submit()
    assert (story.edition, story.reviewer) == (2, case.reviewer)


def test_an_edit_makes_consents_void(case: Telling) -> None:
    case.recommended()
    case.agree(case.guest)
    story = case.do(operations.take_back, case.host)
    assert story.state == "draft"
    case.write({**TEXTS, "took": "Half a year."})
    story = case.submit()
    assert (story.edition, story.agreed_sides) == (2, frozenset())
    case.review()
    story = case.agree(case.host)
    assert story.state == "in_review"
    assert case.agree(case.guest).state == "published"
    assert [(each.number, len(each.consents)) for each in case.story.versions] == [(1, 1), (2, 2)]


def test_nobody_agrees_for_both_sides_or_twice_or_unread(case: Telling) -> None:
    make_membership(case.host, case.asked.exchange.guest_organisation, Role.COORDINATOR)
    db.session.commit()
    case.begin()
    case.write()
    case.submit()
    with pytest.raises(GuardRefused, match="has not recommended"):
        case.agree(case.guest)
    case.review()
    case.agree(case.guest)
    with pytest.raises(GuardRefused, match="other side's turn"):
        case.agree(case.guest)
    case.do(operations.take_back, case.guest)
    case.submit()
    case.review()
    case.agree(case.host)
    with pytest.raises(GuardRefused, match="agreed for one side"):
        case.agree(case.host)
    assert case.story.state == "in_review"


@pytest.mark.parametrize("who", ["guest", "host", "owner"])
def test_either_side_withdraws_at_any_time_and_it_can_be_taken_up_again(case: Telling, who: str) -> None:
    story = case.published()
    person = getattr(case, who)
    assert case.do(operations.withdraw, person, note="We have changed our minds.").state == "withdrawn"
    assert queries.told(story.id) is None
    assert queries.was_told(story.id)
    assert not [each for each in queries.public() if each.id == story.id]
    story = case.do(operations.rework, case.host)
    assert (story.state, story.edition) == ("draft", 1)
    assert case.submit().edition == 2
    case.review()
    case.agree(case.guest)
    assert case.agree(case.host).state == "published"
    told = queries.told(story.id)
    assert told is not None
    assert told.version.number == 2


def test_what_was_agreed_to_stays_when_somebody_is_renamed(case: Telling) -> None:
    story = case.published()
    case.asked.exchange.host.name = "Quite Another Name"
    db.session.commit()
    told = queries.told(story.id)
    assert told is not None
    assert told.version.names["host"] == "Mur Valley Cluster"


# Whose part is whose


def test_the_host_s_view_is_the_host_s(case: Telling) -> None:
    case.begin()
    with pytest.raises(WrongState, match="host writes"):
        case.do(lambda story, by: operations.save(story, HOST_VIEW, {"host_view": "x"}, by=by), case.guest)
    with pytest.raises(NotAllowed):
        case.do(lambda story, by: operations.save(story, STORY, {"took": "x"}, by=by), case.owner)
    case.do(lambda story, by: operations.save(story, STORY, {"took": "By the host."}, by=by), case.host)
    assert case.story.texts["took"] == "By the host."


def test_nothing_is_written_while_it_is_read(case: Telling) -> None:
    case.begin()
    case.write(pictures=1)
    case.submit()
    for attempt in (
        lambda story, by: operations.save(story, STORY, {"took": "x"}, by=by),
        lambda story, by: operations.add_picture(story, by=by, name="a.jpg", content=photo()),
        lambda story, by: operations.remove_picture(story, by=by, id=1),
    ):
        with pytest.raises(WrongState, match="in review"):
            case.do(attempt, case.guest)


def test_a_guest_who_has_left_does_not_speak_for_the_organisation_the_coordinator_does(case: Telling) -> None:
    case.recommended()
    end_roles(case.guest)
    db.session.commit()
    with pytest.raises(GuardRefused, match=r"Your role in Danube Tech ended on 1 March 2027\. .*: Cara Coordinator\."):
        case.agree(case.guest)
    case.agree(case.asked.coordinator)
    assert case.agree(case.host).state == "published"


# Reviewers


def test_a_reviewer_comes_from_another_region_and_has_the_topic_and_no_part_in_it(case: Telling) -> None:
    case.begin()
    case.write()
    assert [each.name for each in operations.proposed(case.story)] == ["Rita Reviewer", "Sanna Second"]
    assert [each.name for each in could_review(case.story)] == ["Rita Reviewer", "Sanna Second", "Not Nobody Asked"]
    make_membership(case.reviewer, case.asked.programme, Role.AUDITOR)
    db.session.commit()
    assert [each.name for each in operations.proposed(case.story)] == ["Sanna Second"]


def test_an_owner_chooses_from_nobody_who_is_near_pauses_or_was_asked_lately(case: Telling) -> None:
    case.begin()
    today = case.story.programme.today
    make_member(make_organisation(region="AT-6"), Role.COORDINATOR, name="Perhaps A Neighbour")  # the host's region is not known
    make_expert(make_organisation(country="FR"), name="Paul Pauses", not_before=today + timedelta(days=1))
    asked_on_day(make_expert(make_organisation(country="BE"), name="Mia Mentors"), today)
    make_expert(make_organisation(country="NL"), name="Zoe Ready", topics=[])
    db.session.commit()
    names = [each.name for each in could_review(case.story)]
    assert names == ["Rita Reviewer", "Sanna Second", "Not Nobody Asked", "Zoe Ready"]


def test_nobody_is_asked_again_within_three_months(case: Telling, clock: ModuleType) -> None:
    case.begin()
    case.write()
    assert case.submit().reviewer == case.reviewer
    another = without_reviewers()
    clock.move(days=91)
    assert operations.proposed(another) == [case.other]  # 31 May: the third month is not over
    assert case.reviewer not in could_review(another)
    clock.move(days=1)
    assert operations.proposed(another) == [case.other, case.reviewer]


@pytest.mark.parametrize(
    ("asked_on", "today", "rested"),
    [
        (date(2026, 11, 30), date(2027, 2, 27), False),
        (date(2026, 11, 30), date(2027, 2, 28), True),  # February has no 30th: the third month ends with it
        (date(2027, 11, 30), date(2028, 2, 28), False),
        (date(2027, 11, 30), date(2028, 2, 29), True),
        (date(2027, 2, 28), date(2027, 5, 27), False),
        (date(2027, 2, 28), date(2027, 5, 28), True),
    ],
)
def test_one_rule_says_who_has_rested_for_those_in_the_list_and_for_all_others(
    case: Telling, clock: ModuleType, asked_on: date, today: date, rested: bool
) -> None:
    case.begin()
    expert = make_expert(make_organisation(country="NL"), name="Nora Listed", topics=[], sectors=["manufacturing"])
    stopped = make_expert(make_organisation(country="BE", sectors=["manufacturing"]), name="Basil Stopped")
    for each in (expert, stopped):
        asked_on_day(each, asked_on)
    experts.stop(stopped.person)
    db.session.commit()
    clock.set_to(clock.noon_of(today, case.story.timezone))
    names = {each.name for each in could_review(case.story)}
    assert ("Nora Listed" in names, "Basil Stopped" in names) == (rested, rested)


def without_reviewers() -> Any:
    """Another story, for which the first one's reviewers would do."""
    another = telling()
    for each in (another.reviewer, another.other):
        end_roles(each)
    db.session.commit()
    return another.begin()


def test_whoever_does_not_answer_is_reminded_and_then_somebody_else_is_asked(case: Telling, clock: ModuleType) -> None:
    case.begin()
    case.write()
    story = case.submit()
    clock.move(days=7)
    jobs.run("queue-reminders")
    assert mailed("reminder") == {"Rita Reviewer"}
    clock.set_to(clock.noon_of(story.due_on))
    jobs.run("pass-on-reviews")
    assert case.story.reviewer == case.reviewer  # it is the last day, and not over
    clock.move(days=1)
    jobs.run("pass-on-reviews")
    assert case.story.reviewer == case.other
    jobs.run("pass-on-reviews")
    assert [each.outcome for each in case.story.reviews] == ["passed_on", None]
    clock.move(days=20)
    jobs.run("pass-on-reviews")
    assert (case.story.reviewer, case.story.waiting_for) == (None, "story_reviewer")
    assert mailed("story_without_reviewer") == {"Olga Owner"}
    jobs.run("pass-on-reviews")
    third = make_member(make_organisation(country="IT", sectors=["manufacturing"]), Role.GUEST, name="Tina Third")
    db.session.commit()
    story = case.do(operations.assign, case.owner, reviewer=third)
    assert (story.reviewer, story.waiting_for) == (third, "story_review")


def test_a_reviewer_who_declines_leaves_or_takes_sides_is_replaced_at_once(case: Telling) -> None:
    case.begin()
    case.write()
    case.submit()
    assert case.do(operations.decline, case.reviewer).reviewer == case.other
    make_membership(case.other, case.asked.exchange.host, Role.HOST)
    db.session.commit()
    with pytest.raises(GuardRefused, match="role in one of the two"):
        case.do(operations.save_review, case.other, texts={"took": "x"})
    jobs.run("pass-on-reviews")
    assert case.story.reviewer is None


def test_the_reviewer_s_words_are_nobody_s_before_they_are_sent(case: Telling) -> None:
    case.begin()
    case.write()
    case.submit()
    case.do(operations.save_review, case.reviewer, texts={"took": "Hm."})
    assert case.story.comments == []
    with pytest.raises(NotAllowed):
        case.do(operations.review, case.owner, recommend=True)


# Asked for a year later


def test_whoever_would_tell_a_story_finds_a_draft(case: Telling) -> None:
    case.answered("month_12", story="yes")
    jobs.run("begin-stories")
    story = case.story
    assert (story.state, story.history()[-1].acted_as) == ("draft", "system")
    assert mailed("story_begun") >= {"Ana Guest", "Hugo Host"}
    assert jobs.run("begin-stories").done == ""


def test_whoever_would_not_or_has_changed_their_mind_finds_none(case: Telling) -> None:
    case.answered("month_12", story="yes")
    case.answered("month_12", story="no")
    jobs.run("begin-stories")
    assert queries.about(case.asked.exchange) is None


def test_a_late_review_stands_among_what_is_late_in_the_programme(case: Telling, visitor: Any, clock: ModuleType) -> None:
    case.begin()
    case.write()
    case.submit()
    clock.move(days=15)
    page = visitor(case.owner).get(f"/programmes/{case.asked.programme.id}/late")
    assert f'<a href="/stories/{case.story.id}">{TEXTS["title"]}</a>' in page.text
