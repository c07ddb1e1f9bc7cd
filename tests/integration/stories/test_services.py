"""Success stories of what a knowledge voucher bought: told by its holder and its provider, who both agree."""

from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.notifications.models import OutboxMessage
from mobility.people.models import User
from mobility.people.roles import Role
from mobility.stories import operations, queries
from mobility.stories.models import SuccessStory
from mobility.vouchers.models import Voucher
from tests.support.cases import NEED, Knowledge, make_knowledge
from tests.support.client import Client, Visitor
from tests.support.experts import make_expert
from tests.support.factories import make_agreed_exchange, make_member, make_organisation, make_user, make_voucher
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.stories import TEXTS

WORDS = {key: text for key, text in TEXTS.items() if key not in ("exchange",)}


@dataclass
class Service:
    """A voucher whose service was delivered; `reviewer` works elsewhere, on what the provider is about."""

    known: Knowledge
    voucher_id: int
    reviewer: User

    @property
    def story(self) -> SuccessStory:
        found = db.session.query(SuccessStory).filter_by(voucher_id=self.voucher_id).one()
        story = queries.look(found.id, self.known.owner)
        assert story is not None
        return story


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Service:
    known = make_knowledge()
    known.home.name, known.home.country, known.home.city = "Danube Tech", "IT", "Trieste"
    known.provider.name, known.provider.sectors = "Akademija Norte", ["manufacturing"]
    place = make_organisation(country="FI", city="Oulu", sectors=["manufacturing"])
    reviewer = make_expert(
        place, make_member(place, Role.COORDINATOR, name="Rita Reviewer"), topics=[], sectors=["manufacturing"]
    )
    voucher = known.take_to("delivered")
    db.session.commit()
    return Service(known, voucher.id, reviewer.person)


def write(case: Service, visitor: Visitor) -> SuccessStory:
    """Begun by the holder on the voucher's page, written by both sides and sent to review."""
    holder, seller = visitor(case.known.holder), visitor(case.known.seller)
    begun = holder.post(f"/vouchers/{case.voucher_id}/story")
    assert begun.status_code == 303
    page = holder.get(begun.location)
    assert holder.post(begun.location, data=values_of(page) | WORDS | {"act": "save"}).status_code == 303
    there = f"/stories/{case.story.id}"
    view = seller.get(f"{there}/host-view")
    assert "The provider’s view" in view.text
    sent = seller.post(
        f"{there}/host-view", data=values_of(view) | {"host_view": "We learned to teach in the evening.", "act": "save"}
    )
    assert sent.status_code == 303
    act(holder, f"{there}/submit")
    return case.story


def act(client: Client, path: str, **typed: Any) -> None:
    sent = client.post(path, data=values_of(client.get(path)) | typed)
    assert sent.status_code == 303, text_of(sent)


def tell(case: Service, visitor: Visitor, holder: str = "with_names", provider: str = "with_names") -> SuccessStory:
    """Reviewed, and agreed to by both."""
    story = write(case, visitor)
    there = f"/stories/{story.id}"
    act(visitor(case.reviewer), f"{there}/review", act="recommend")
    act(visitor(case.known.holder), f"{there}/agree", publish=holder)
    act(visitor(case.known.seller), f"{there}/agree", publish=provider)
    return case.story


def test_from_the_voucher_s_page_to_the_public_one(case: Service, visitor: Visitor, client: Client) -> None:
    page = visitor(case.known.holder).get(f"/vouchers/{case.voucher_id}").text
    assert f'action="/vouchers/{case.voucher_id}/story"' in page
    story = tell(case, visitor)
    assert (story.state, story.exchange_id, story.reviewer) == ("published", None, case.reviewer)
    assert story.newest.texts["exchange"].endswith(NEED)  # what was known had not to be written again
    public = client.get(f"/stories/{story.id}", follow_redirects=True)
    read = text_of(public)
    for words in (
        "About this service",
        "Holder Danube Tech, Trieste, Italy",
        "Provider Akademija Norte, Porto, Portugal",
        "Delivered",
    ):
        assert words in read, read
    for words in ("The service", "The provider’s view", "We learned to teach in the evening."):
        assert words in read
    for word in ("Visit", "Guest ", "Host ", "The exchange", "The host"):
        assert word not in read
    assert "Akademija Norte, Porto, Portugal" in client.get("/stories.atom").text
    assert "Danube Tech with Akademija Norte" in text_of(client.get("/stories"))
    assert client.get(f"/stories/{story.id}/story.pdf").data.startswith(b"%PDF")
    told = db.session.query(OutboxMessage).filter_by(kind="story_published").all()
    assert {case.known.holder.email, case.known.seller.email, case.reviewer.email} <= {each.address for each in told}


def test_the_reviewer_reads_whose_service_it_is_and_what_comes_next(case: Service, visitor: Visitor) -> None:
    story = write(case, visitor)
    reviewer = visitor(case.reviewer)
    page = text_of(reviewer.get(f"/stories/{story.id}/review"))
    for words in (
        "It tells of a service that one organisation bought from another with a voucher.",
        "Holder Danube Tech, Trieste, Italy",
        "Provider Akademija Norte, Porto, Portugal",
        "Delivered 1 March 2027",
        "it goes to both sides, who say whether it may be published",
    ):
        assert words in page, page
    for word in ("Guest", "Host ", "visit"):
        assert word not in page
    act(reviewer, f"/stories/{story.id}/review", act="recommend")
    there = reviewer.get(f"/stories/{story.id}")
    assert there.status_code == 200
    assert "Waiting for the holder and the provider" in text_of(there)


def test_without_the_provider_s_consent_nothing_is_told(case: Service, visitor: Visitor, client: Client) -> None:
    story = write(case, visitor)
    act(visitor(case.reviewer), f"/stories/{story.id}/review", act="recommend")
    act(visitor(case.known.holder), f"/stories/{story.id}/agree", publish="with_names")
    assert client.get(f"/stories/{story.id}").status_code == 404
    assert client.get("/stories.atom").text.count("<entry>") == 0
    assert client.get(f"/stories/{story.id}/story.pdf").status_code == 404


@pytest.mark.parametrize(("side", "who"), [("host", "seller"), ("guest", "holder"), ("guest", "coordinator")])
def test_either_side_takes_its_word_back_on_the_voucher_s_page(
    case: Service, visitor: Visitor, client: Client, side: str, who: str
) -> None:
    story = tell(case, visitor)
    browser, there = visitor(getattr(case.known, who)), f"/vouchers/{case.voucher_id}"
    assert f'href="{there}/publishing/{side}"' in browser.get(there).text
    page = browser.get(f"{there}/publishing/{side}")
    assert "May the programme tell others what came of this service?" in page.text
    act(browser, f"{there}/publishing/{side}", publish="no")
    assert client.get(f"/stories/{story.id}", follow_redirects=True).status_code == 410
    assert client.get("/stories.atom").text.count("<entry>") == 0
    assert "Changed what may be published" in browser.get(there).text
    stale = browser.post(f"{there}/publishing/{side}", data=values_of(page) | {"publish": "with_names"})
    assert stale.status_code == 409


@pytest.mark.parametrize("state", ["lapsed", "recovered"])
def test_a_word_is_taken_back_also_once_the_voucher_has_ended(
    case: Service, visitor: Visitor, client: Client, state: str
) -> None:
    story = tell(case, visitor)
    db.session.get_one(Voucher, case.voucher_id).state = state
    db.session.commit()
    act(visitor(case.known.holder), f"/vouchers/{case.voucher_id}/publishing/guest", publish="no")
    assert client.get(f"/stories/{story.id}", follow_redirects=True).status_code == 410


def test_the_stricter_word_names_nobody(case: Service, visitor: Visitor, client: Client) -> None:
    """Holder with names, provider without: the text that names one cannot be agreed to without names."""
    story = write(case, visitor)
    seller = visitor(case.known.seller)
    act(visitor(case.reviewer), f"/stories/{story.id}/review", act="recommend")
    act(visitor(case.known.holder), f"/stories/{story.id}/agree", publish="with_names")
    path = f"/stories/{story.id}/agree"
    refused = seller.post(path, data=values_of(seller.get(path)) | {"publish": "without"})
    assert refused.status_code == 422  # "The service" begins with both names
    assert "is in the story" in text_of(refused)


def test_nothing_is_told_before_it_was_delivered(case: Service, visitor: Visitor) -> None:
    voucher = replace(case.known).take_to("redeemed")
    db.session.commit()
    holder = visitor(case.known.holder)
    assert "Tell your story" not in holder.get(f"/vouchers/{voucher.id}").text
    assert holder.post(f"/vouchers/{voucher.id}/story").status_code == 422
    assert holder.get(f"/vouchers/{voucher.id}/publishing/guest").status_code == 404
    assert db.session.query(SuccessStory).count() == 0


def test_a_stay_is_told_of_by_its_exchange_alone(case: Service) -> None:
    voucher = make_voucher(make_agreed_exchange())
    voucher.state = "delivered"
    db.session.commit()
    with pytest.raises(Refusal), transaction():
        operations.begin(voucher, by=voucher.holder)
    assert db.session.query(SuccessStory).count() == 0


def test_one_story_of_a_voucher_whoever_begins(case: Service, visitor: Visitor) -> None:
    first = visitor(case.known.holder).post(f"/vouchers/{case.voucher_id}/story").location
    assert visitor(case.known.seller).post(f"/vouchers/{case.voucher_id}/story").location == first
    assert db.session.query(SuccessStory).count() == 1
    seller = text_of(visitor(case.known.seller).get("/stories"))
    assert "Danube Tech with Akademija Norte" in seller


def test_a_story_is_of_one_thing(case: Service, visitor: Visitor) -> None:
    """The database says so, too."""
    visitor(case.known.holder).post(f"/vouchers/{case.voucher_id}/story")
    for column, value in (("voucher_id", None), ("exchange_id", make_agreed_exchange().id)):
        db.session.commit()
        setattr(case.story, column, value)
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


OPEN = {"holder", "coordinator", "seller"}  # who may begin, and write
SEE_VOUCHER = {*OPEN, "owner", "assessor", "finance", "auditor"}
SEE_STORY = {*OPEN, "owner", "auditor", "reviewer"}


def people_of(case: Service) -> dict[str, User]:
    known, other = case.known, make_knowledge()
    return {
        **{name: getattr(known, name) for name in ("holder", "coordinator", "seller", "owner", "assessor")},
        "finance": make_member(known.programme, Role.FINANCE_OFFICER),
        "auditor": make_member(known.programme, Role.AUDITOR),
        "reviewer": case.reviewer,
        "another holder": other.holder,
        "another provider": other.seller,
        "another owner": other.owner,
        "nobody": make_user(),
    }


@pytest.mark.parametrize("side", ["guest", "host"])
def test_who_may_say_a_side_s_word(case: Service, visitor: Visitor, client: Client, side: str) -> None:
    speaks = {"guest": {"holder", "coordinator"}, "host": {"seller"}}[side]
    path = f"/vouchers/{case.voucher_id}/publishing/{side}"
    assert client.post(path, data={"publish": "no"}).status_code == 401
    for name, person in people_of(case).items():
        browser = visitor(person)
        assert browser.get(path).status_code == (200 if name in speaks else 404), name
        if name not in speaks:
            assert browser.post(path, data={"publish": "with_names", "seen": ""}).status_code == 404, name
    assert db.session.execute(db.text("SELECT count(*) FROM publish_consent")).scalar() == 0


def test_who_may_begin_and_what_others_read(case: Service, visitor: Visitor, client: Client) -> None:
    path = f"/vouchers/{case.voucher_id}/story"
    assert client.post(path).status_code == 401
    people = people_of(case)
    for name in people.keys() - OPEN:
        wanted = 422 if name in SEE_VOUCHER else 404
        assert visitor(people[name]).post(path).status_code == wanted, name
    assert db.session.query(SuccessStory).count() == 0
    story = write(case, visitor)
    for name, person in people.items():
        wanted = 200 if name in SEE_STORY else 404
        assert visitor(person).get(f"/stories/{story.id}").status_code == wanted, name


WRITES = {
    "edit": set(),
    "host-view": set(),
    "withdraw": {*OPEN, "owner"},
    "take-back": OPEN,
    "agree": OPEN,
    "rework": set(),
    "pictures": set(),
}


def test_an_act_of_somebody_whose_turn_it_is_not_changes_nothing(case: Service, visitor: Visitor) -> None:
    """In review, not recommended: nobody writes or agrees; those with no part in it find nothing."""
    story = write(case, visitor)
    before = (story.state, story.version, story.edition, story.texts)
    for name, person in people_of(case).items():
        browser = visitor(person)
        for action, may in WRITES.items():
            if name in may and action != "agree":
                continue
            sent = browser.post(
                f"/stories/{story.id}/{action}", data={"version": str(before[1]), "publish": "with_names", "took": "x"}
            )
            assert sent.status_code in ({403, 409} if name in SEE_STORY else {404}), (name, action, sent.status_code)
    story = case.story
    assert (story.state, story.version, story.edition, story.texts) == before
