"""The success stories of the demonstration. Of exchanges: one that everybody can read, with pictures, and one that waits for its
reviewer. Of services: one that everybody can read, and one that waits for its provider's consent."""

from datetime import timedelta
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select

from mobility.consents.rules import SERVED, WITH_NAMES
from mobility.core import clock
from mobility.core.database import db
from mobility.demo.cast import Cast
from mobility.demo.stories import Story
from mobility.demo.words import SERVICE_TALES, TALES, Tale
from mobility.exchanges.models import Exchange
from mobility.exchanges.states import TOOK_PLACE
from mobility.people.models import User
from mobility.stories import operations, queries
from mobility.stories.models import SuccessStory
from mobility.stories.reviewers import could_review
from mobility.stories.rules import WHOLE
from mobility.stories.workflow import HOST_VIEW, STORY
from mobility.vouchers.models import Voucher

TELLING_DAYS = (-40, -11)  # when each of an exchange is begun
BOUGHT = ("Ana Zupan", "Sampo Heikkilä")  # whose vouchers the others are about
SERVICE_DAYS = (-38, -12)
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
    story = _sent(cast, id, guest, host, TALES[number], pictures=2 if number == 0 else 0)
    if number or story.reviewer is None:
        return
    yield begun + 6
    _recommend(id, guest)
    yield begun + 8
    for person in (guest, host):
        operations.agree(queries.find(id, person), by=person, publish=WITH_NAMES)


def telling_of_service(cast: Cast, number: int) -> Story:
    """The same of what a knowledge voucher bought; to the second only its holder has agreed."""
    begun = SERVICE_DAYS[number]
    yield begun
    voucher = _delivered_to(BOUGHT[number])
    if voucher is None or voucher.provider is None:
        return
    holder, seller = voucher.holder, cast.offices["provider", voucher.provider.name][0]
    id = operations.begin(voucher, by=holder).id
    yield begun + 2
    if _sent(cast, id, holder, seller, SERVICE_TALES[number]).reviewer is None:
        return
    yield begun + 6
    _recommend(id, holder)
    yield begun + 8
    for person in (holder, seller) if number == 0 else (holder,):
        operations.agree(queries.find(id, person), by=person, publish=WITH_NAMES)


def _sent(cast: Cast, id: int, guest: User, host: User, tale: Tale, pictures: int = 0) -> SuccessStory:
    """Written by both sides and sent to a reviewer, if there is one."""
    _write(queries.find(id, guest), guest, tale, pictures)
    operations.save(queries.find(id, host), HOST_VIEW, {"host_view": tale.host_view}, by=host)
    story = queries.find(id, guest)
    operations.submit(story, by=guest)
    if story.reviewer is None and (others := could_review(story)):
        operations.assign(story, by=cast.officer(story.programme, "owner"), reviewer=others[0])
    return story


def _recommend(id: int, guest: User) -> None:
    story = queries.find(id, guest)
    reviewer = story.reviewer
    assert reviewer  # noqa: S101 (for the type)
    operations.save_review(story, {WHOLE: PRAISE}, by=reviewer)
    operations.review(story, by=reviewer, recommend=True)


def _delivered_to(name: str) -> Voucher | None:
    """What this person's newest voucher bought that was delivered by now."""
    held = select(Voucher).join(Voucher.holder).where(User.name == name, Voucher.provider_id.is_not(None))
    return db.session.scalars(held.where(Voucher.state.in_(SERVED)).order_by(Voucher.id.desc()).limit(1)).first()


def _untold() -> Exchange | None:
    """The first exchange of this year that has taken place and that nobody tells of yet."""
    told = select(SuccessStory.exchange_id).where(SuccessStory.exchange_id.is_not(None))
    recent = Exchange.first_day >= clock.today() - timedelta(days=200)
    over = select(Exchange).where(Exchange.state.in_(TOOK_PLACE), Exchange.id.not_in(told), recent)
    return db.session.scalars(over.order_by(Exchange.id).limit(1)).first()


def _write(story: SuccessStory, by: User, tale: Tale, pictures: int) -> None:
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
