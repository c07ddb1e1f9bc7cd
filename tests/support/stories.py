"""An exchange that can be told of, everybody who tells, reviews and reads it, and pictures as people add them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.followup.models import Answer, Asking, QuestionnaireRequest
from mobility.people.models import Organisation, User
from mobility.people.roles import Role
from mobility.questionnaires.models import Questionnaire
from mobility.stories import operations, queries
from mobility.stories.models import SuccessStory
from mobility.stories.workflow import HOST_VIEW, STORY
from tests.support.experts import make_expert
from tests.support.factories import make_member, make_organisation
from tests.support.followups import Asked, visited

TEXTS = {
    "title": "A price list for the test plant",
    "context": "We sold hours of our test plant by the day, and never knew what an hour cost us.",
    "exchange": "Two of us spent five days with a cluster that has sold its plant by the hour for years.",
    "taken_over": "A price list by the hour.\nA calendar that members book by themselves.",
    "took": "Four months, a part-time post, and two evenings with the supervisory board.",
    "evidence": "The price list is public.",
    "transfer": "The calculation is a spreadsheet that any plant can fill in.",
    "not_worked": "Discounts for founders: nobody asked for them.",
    "strategy": "Regional innovation strategy 2030",
}
VIEW = "We learned to say no to free tests."


@cache
def photo(width: int = 900, height: int = 600, kind: str = "JPEG", colour: str = "teal", **options: Any) -> bytes:
    """A picture as a browser sends it."""
    file = BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind, **options)
    return file.getvalue()


@dataclass
class Telling:
    """`reviewer` is the one whom the story proposes; `other` would be the next. `guest` and `host` speak for their sides."""

    asked: Asked
    reviewer: User
    other: User

    @property
    def guest(self) -> User:
        return self.asked.guest

    @property
    def host(self) -> User:
        return self.asked.host

    @property
    def owner(self) -> User:
        return self.asked.owner

    @property
    def story(self) -> SuccessStory:
        """As it is stored now."""
        story = queries.about(self.asked.exchange)
        assert story is not None
        found = queries.look(story.id, self.owner)
        assert found is not None
        return found

    def do(self, verb: Any, by: User, **given: Any) -> SuccessStory:
        """One operation in a transaction of its own."""
        id, by_id = self.story.id, by.id
        db.session.commit()
        with transaction():
            person = db.session.get_one(User, by_id)
            verb(queries.find(id, person, for_update=True), by=person, **given)
        return self.story

    def begin(self, by: User | None = None) -> SuccessStory:
        """A draft."""
        operations.begin(self.asked.exchange, by=by or self.guest)
        db.session.commit()
        return self.story

    def write(self, texts: Mapping[str, str] = TEXTS, pictures: int = 0) -> SuccessStory:
        """All chapters, by both sides, and so many pictures."""
        for number in range(pictures):
            content = photo(colour=("teal", "olive", "navy", "maroon")[number])
            self.do(operations.add_picture, self.guest, name=f"{number}.jpg", content=content)
        kept = self.story.part(STORY).texts["pictures"]
        described = [{**each, "alt": f"Picture {number} of the plant"} for number, each in enumerate(kept, 1)]
        self.do(lambda story, by: operations.save(story, STORY, {**texts, "pictures": described}, by=by), self.guest)
        return self.do(lambda story, by: operations.save(story, HOST_VIEW, {"host_view": VIEW}, by=by), self.host)

    def submit(self) -> SuccessStory:
        return self.do(operations.submit, self.guest)

    def review(self, recommend: bool = True, **comments: str) -> SuccessStory:
        self.do(lambda story, by: operations.save_review(story, comments, by=by), self.story.reviewer)
        return self.do(operations.review, self.story.reviewer, recommend=recommend)

    def agree(self, by: User, publish: str = "with_names") -> SuccessStory:
        return self.do(operations.agree, by, publish=publish)

    def recommended(self, pictures: int = 0) -> SuccessStory:
        """Begun, written, and read by the reviewer."""
        self.begin()
        self.write(pictures=pictures)
        self.submit()
        return self.review()

    def published(self, pictures: int = 0) -> SuccessStory:
        self.recommended(pictures)
        self.agree(self.guest)
        return self.agree(self.host)

    def answered(self, key: str, **answers: Any) -> None:
        """An answer to one of the questionnaires, sent now."""
        exchange, programme = self.asked.exchange, self.asked.programme
        questionnaire = db.session.query(Questionnaire).filter_by(programme_id=programme.id, key=key).one()
        day = programme.today
        asking = Asking(questionnaire_id=questionnaire.id, round=_round(), exchange_id=exchange.id, asked_on=day)
        db.session.add(asking)
        db.session.flush()
        request = QuestionnaireRequest(
            programme=programme,
            questionnaire=questionnaire,
            asked_version=questionnaire.newest,
            asking=asking,
            exchange=exchange,
            organisation_id=exchange.guest_organisation_id,
            respondent=self.guest,
            name="Ana Guest",
            email=self.guest.email,
            answer_by=day,
            mailed_on=day,
            version=1,
        )
        sent = Answer(asked_version_id=questionnaire.newest.id, answers=answers, by_name="Ana Guest", sent_at=clock.utc_now())
        request.answers.append(sent)
        db.session.add(request)
        db.session.commit()


_rounds = iter(range(100, 100_000))


def _round() -> int:
    """One that nobody has been asked in."""
    return next(_rounds)


def telling(**values: Any) -> Telling:
    """A stay that ended a year ago; reviewers work in Portugal and Finland, on what the theme is about."""
    asked = visited(clock.today() - timedelta(days=366), **values)
    exchange = asked.exchange
    again = f" {exchange.id}" if db.session.query(Organisation).filter_by(name="Danube Tech").count() else ""
    host, home = exchange.host, exchange.guest_organisation
    host.name, host.country, host.city, host.kind = f"Mur Valley Cluster{again}", "AT", "Graz", "public_authority"
    home.name, home.country, home.city, home.kind = f"Danube Tech{again}", "SK", "Bratislava", "cluster_organisation"
    exchange.theme.sectors = ["manufacturing"]
    found = []
    for name, country in (("Rita Reviewer", "PT"), ("Sanna Second", "FI")):
        place = make_organisation(country=country, city="Elsewhere", sectors=["manufacturing", "energy"])
        person = make_member(place, Role.COORDINATOR, name=name)
        found.append(make_expert(place, person, topics=[], sectors=["manufacturing", "energy"]).person)
    make_expert(make_organisation(country="ES", sectors=["food"]), name="Adela Another Topic", topics=[], sectors=["food"])
    make_expert(make_organisation(country="AT"), name="Abel Same Region", topics=[], sectors=["manufacturing"])
    make_member(make_organisation(country="IT", sectors=["manufacturing"]), Role.COORDINATOR, name="Not Nobody Asked")
    db.session.commit()
    return Telling(asked, *found)
