"""Two success stories of the demonstration: one that everybody can read, with pictures, and one that waits for its reviewer."""

from datetime import timedelta
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select

from mobility.consents.rules import WITH_NAMES
from mobility.core import clock
from mobility.core.database import db
from mobility.demo.cast import Cast
from mobility.demo.stories import Story
from mobility.demo.words import TALES, Tale
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.stories import operations, queries
from mobility.stories.models import SuccessStory
from mobility.stories.reviewers import could_review
from mobility.stories.rules import WHOLE
from mobility.stories.workflow import HOST_VIEW, STORY

TELLING_DAYS = (-40, -11)  # when each is begun
PRAISE = "Clear and honest. The hours it took are what others will ask for first."
SKY, WALL, ROOF, GROUND, DOOR = "#cfe4e8", "#f4efe4", "#b26200", "#7c9a72", "#0b5a66"


def telling(cast: Cast, number: int) -> Story:
    """Begun, written by both sides, and reviewed; the first is agreed to by both."""
    begun = TELLING_DAYS[number]
    yield begun
    exchange = _untold()
    if exchange is None:
        return
    guest, host = exchange.guest, cast.coordinator(exchange.host)
    id = operations.begin(exchange, by=guest).id
    yield begun + 2
    _write(queries.find(id, guest), exchange, TALES[number], pictures=2 if number == 0 else 0)
    operations.save(queries.find(id, host), HOST_VIEW, {"host_view": TALES[number].host_view}, by=host)
    story = queries.find(id, guest)
    operations.submit(story, by=guest)
    if story.reviewer is None and (others := could_review(story)):
        operations.assign(story, by=cast.officer(story.programme, "owner"), reviewer=others[0])
    if number or story.reviewer is None:
        return
    yield begun + 6
    story = queries.find(id, guest)
    operations.save_review(story, {WHOLE: PRAISE}, by=story.reviewer)
    operations.review(story, by=story.reviewer, recommend=True)
    yield begun + 8
    for person in (guest, host):
        operations.agree(queries.find(id, person), by=person, publish=WITH_NAMES)


def _untold() -> Exchange | None:
    """The first exchange of this year that has taken place and that nobody tells of yet."""
    told = select(SuccessStory.exchange_id).where(SuccessStory.exchange_id.is_not(None))
    recent = Exchange.first_day >= clock.today() - timedelta(days=200)
    over = select(Exchange).where(Exchange.state.in_(TOOK_PLACE), Exchange.id.not_in(told), recent)
    return db.session.scalars(over.order_by(Exchange.id).limit(1)).first()


def _write(story: SuccessStory, exchange: Exchange, tale: Tale, pictures: int) -> None:
    by = exchange.guest
    for number in range(pictures):
        operations.add_picture(story, by=by, name=f"picture-{number}.png", content=scene(number))
    kept = story.part(STORY).texts["pictures"]
    described = [{**each, "alt": alt} for each, alt in zip(kept, tale.alts, strict=False)]
    operations.save(story, STORY, {**tale.texts, "pictures": described}, by=by)


def scene(number: int) -> bytes:
    """A small drawing: a workshop by day, or its yard with machines."""
    image = Image.new("RGB", (1200, 800), SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 560, 1200, 800), fill=GROUND)
    for place in range(3):
        left = 120 + 340 * place
        (_house if (place + number) % 2 else _machine)(draw, left)
    stored = BytesIO()
    image.save(stored, "PNG")
    return stored.getvalue()


def _house(draw: ImageDraw.ImageDraw, left: int) -> None:
    draw.rectangle((left, 340, left + 260, 620), fill=WALL)
    draw.polygon(((left - 20, 340), (left + 280, 340), (left + 130, 210)), fill=ROOF)
    draw.rectangle((left + 100, 480, left + 160, 620), fill=DOOR)


def _machine(draw: ImageDraw.ImageDraw, left: int) -> None:
    draw.rectangle((left, 480, left + 240, 620), fill=DOOR)
    draw.ellipse((left + 60, 400, left + 180, 520), fill=ROOF)
    draw.rectangle((left + 190, 330, left + 215, 480), fill=ROOF)
