"""The pages of stories: what each person finds there, and what strangers find at which moment."""

from io import BytesIO
from types import ModuleType
from typing import Any

import pytest
from lxml import etree
from PIL import Image
from pypdf import PdfReader

from mobility.consents.operations import change_consent
from mobility.core.database import db
from mobility.people.models import User
from mobility.stories import operations
from mobility.stories.rules import slug
from tests.support.client import Client, Visitor
from tests.support.factories import make_user
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.queries import queries
from tests.support.stories import TEXTS, Telling, photo, telling

ATOM = {"atom": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def case(db_session: Any, clock: ModuleType) -> Telling:
    return telling()


def address(case: Telling) -> str:
    return f"/stories/{slug(TEXTS['title'], case.story.id)}"


def test_told_from_the_exchange_s_page_to_the_public_page(case: Telling, visitor: Visitor, client: Client) -> None:
    exchange = case.asked.exchange
    guest, host, reviewer = visitor(case.guest), visitor(case.host), visitor(case.reviewer)
    page = guest.get(f"/exchanges/{exchange.id}")
    assert "Tell your story" in page.text
    edit = guest.post(f"/exchanges/{exchange.id}/story", follow_redirects=True)
    id = case.story.id
    assert edit.request.path == f"/stories/{id}/edit"
    assert "Tell your story" in guest.get("/").text
    assert "Tell your story" in host.get("/").text
    sent = guest.post(
        f"/stories/{id}/edit",
        data=values_of(edit)
        | TEXTS
        | {"act": "save", "files": [(BytesIO(photo()), "plant.jpg"), (BytesIO(photo(colour="navy")), "desk.jpg")]},
        content_type="multipart/form-data",
        follow_redirects=True,
    )
    assert sent.status_code == 200
    assert text_of(sent).count("What picture") == 2
    view = host.get(f"/stories/{id}/host-view")
    host.post(f"/stories/{id}/host-view", data=values_of(view) | {"host_view": "We learned, too.", "act": "save"})
    again = guest.get(f"/stories/{id}/edit")
    assert "We learned, too." in again.text
    refused = guest.post(f"/stories/{id}/edit", data=values_of(again) | {"act": "submit"})
    assert refused.status_code == 422
    assert "Describe the pictures 1, 2 for those who cannot see." in text_of(refused)
    described = values_of(refused) | {"alts-0": "The test plant", "alts-1": "A desk", "act": "submit"}
    shown = guest.post(f"/stories/{id}/edit", data=described, follow_redirects=True)
    assert "Rita Reviewer has been asked to review it." in text_of(shown)
    assert "Next Waiting for the reviewer, by " in text_of(shown)
    assert "Next Your turn, by " in text_of(reviewer.get(f"/stories/{id}"))
    assert "Review a success story" in reviewer.get("/").text
    page = reviewer.get(f"/stories/{id}/review")
    done = reviewer.post(
        f"/stories/{id}/review", data=values_of(page) | {"act": "recommend", "whole": "Clear."}, follow_redirects=True
    )
    assert "Both sides now say whether it may be published." in text_of(done)
    for person in (guest, host):
        assert "Say whether your story may be published" in person.get("/").text
        page = person.get(f"/stories/{id}/agree")
        assert person.post(f"/stories/{id}/agree", data=values_of(page)).status_code == 303
    public = client.get(address(case))
    assert public.status_code == 200
    for text in (*TEXTS.values(), "We learned, too.", "Danube Tech, Bratislava, Slovakia", "Mur Valley Cluster, Graz, Austria"):
        assert text.split("\n")[0] in text_of(public)
    assert 'alt="The test plant"' in public.text
    assert '<meta name="description" content="A price list by the hour.' in public.text
    assert TEXTS["title"] in client.get("/stories").text


def test_strangers_find_only_what_is_public_at_that_moment(case: Telling, client: Client) -> None:
    case.recommended(pictures=1)
    id = case.story.id
    picture = case.story.chosen_pictures[0].id
    there = [
        address(case),
        f"/stories/{id}/story.pdf",
        f"/stories/pictures/{picture}.jpg",
        f"/stories/pictures/{picture}-small.jpg",
    ]
    case.agree(case.guest)
    assert [client.get(path).status_code for path in there] == [404] * 4
    case.agree(case.host)
    assert [client.get(path).status_code for path in there] == [200] * 4
    assert client.get(f"/stories/{id}").location == there[0]
    assert client.get(f"/stories/an-earlier-title-{id}").location == there[0]
    case.do(operations.withdraw, case.host)
    assert [client.get(path).status_code for path in there] == [410, 410, 404, 404]
    assert "no longer public" in client.get(there[0]).text
    assert client.get(f"/stories/{id}").status_code == 410
    for path in ("/stories", "/stories.atom"):
        assert TEXTS["title"] not in client.get(path).text


def test_addresses_that_are_nothing(client: Client, db_session: Any) -> None:
    for path in (
        "/stories/nothing",
        "/stories/nothing-99",
        "/stories/x-0",
        "/stories/x-99999999999",
        "/stories/pictures/99.jpg",
        "/stories/-",
        "/stories/٣",
    ):
        assert client.get(path).status_code == 404, path


def test_the_stricter_word_of_both_sides_counts_and_the_last_one_at_once(
    case: Telling, client: Client, clock: ModuleType
) -> None:
    case.answered("end_guest", publish="no")
    clock.move(minutes=5)
    case.recommended()
    case.agree(case.guest)
    case.agree(case.host, publish="without")
    page = client.get(address(case))
    assert "Danube Tech" not in page.text
    assert "Mur Valley" not in page.text
    assert "Cluster organisation, Slovakia" in text_of(page)
    assert "Public authority, Austria" in text_of(page)
    for path in ("/stories", "/stories.atom"):
        assert "Danube Tech" not in client.get(path).text
        assert TEXTS["title"] in client.get(path).text
    clock.move(minutes=5)
    case.answered("end_guest", publish="no")
    assert client.get(address(case)).status_code == 410
    assert TEXTS["title"] not in client.get("/stories").text
    clock.move(minutes=5)
    case.answered("end_guest", publish="with_names")
    assert client.get(address(case)).status_code == 200
    clock.move(minutes=5)
    change_consent(case.asked.exchange, side="host", publish="no", by=case.host)
    db.session.commit()
    assert client.get(address(case)).status_code == 410


def test_what_names_somebody_is_not_told_without_names(
    case: Telling, client: Client, visitor: Visitor, clock: ModuleType
) -> None:
    """The sentence with which a draft begins names both sides: whoever takes their name back must not stand there."""
    begun = case.begin().texts["exchange"]
    assert "from Danube Tech (Bratislava) visited Mur Valley Cluster" in begun
    case.write(TEXTS | {"exchange": begun})
    case.submit()
    case.review()
    host, agreeing = visitor(case.host), f"/stories/{case.story.id}/agree"
    refused = host.post(agreeing, data=values_of(host.get(agreeing)) | {"publish": "without"})
    assert (refused.status_code, "“Danube Tech” is in the story" in refused.text) == (422, True)
    case.agree(case.host)
    case.agree(case.guest)
    assert "Danube Tech" in client.get(address(case)).text
    clock.move(minutes=5)
    change_consent(case.asked.exchange, side="guest", publish="without", by=case.guest)
    db.session.commit()
    for path in (address(case), f"/stories/{case.story.id}/story.pdf", "/stories", "/stories.atom"):
        assert "Danube" not in client.get(path).text, path
    assert client.get(address(case)).status_code == 410
    assert "with the names that are in the story" in host.get(f"/stories/{case.story.id}").text


def test_figures_come_from_the_answers_and_stay_as_agreed(case: Telling, client: Client) -> None:
    changes = [
        {"kind": "service", "what": "Hours"},
        {"kind": "service", "what": "Advice"},
        {"kind": "tool", "what": "A calendar"},
    ]
    case.answered("month_6", changes=changes, joint={"project": 1})
    case.answered(
        "month_12",
        members_served=14,
        leveraged="12500.00",
        take_over_states={"t1": "in_use", "t1_why": "in_use", "t2": "dropped"},
    )
    case.published()
    text = text_of(client.get(address(case)))
    for words in (
        "14 members benefit",
        "2 new services",
        "1 new tool",
        "1 joint project",
        "1 thing taken over is in use",
        "€12,500.00 brought in",
    ):
        assert words in text
    case.answered("month_12", members_served=99)
    assert "14 members benefit" in text_of(client.get(address(case)))


def test_the_feed_is_atom_and_keeps_its_ids(case: Telling, client: Client) -> None:
    case.published()
    feed = etree.fromstring(client.get("/stories.atom").data)
    [entry] = feed.findall("atom:entry", ATOM)
    id = entry.findtext("atom:id", namespaces=ATOM)
    assert id == f"http://localhost/stories/{case.story.id}"
    assert entry.findtext("atom:title", namespaces=ATOM) == TEXTS["title"]
    assert entry.find("atom:link", ATOM).get("href") == f"http://localhost{address(case)}"
    for name in ("id", "title", "updated", "author", "link"):
        assert feed.find(f"atom:{name}", ATOM) is not None, name
    case.do(operations.withdraw, case.guest)
    assert etree.fromstring(client.get("/stories.atom").data).findall("atom:entry", ATOM) == []


def test_the_pdf_has_all_of_it_and_its_pictures(case: Telling, client: Client) -> None:
    case.published(pictures=2)
    response = client.get(f"/stories/{case.story.id}/story.pdf")
    pdf = PdfReader(BytesIO(response.data))
    text = " ".join("".join(page.extract_text() for page in pdf.pages).split())
    for words in (TEXTS["title"], TEXTS["context"], TEXTS["not_worked"], "Danube Tech, Bratislava, Slovakia"):
        assert words in text
    assert sum(len(page.images) for page in pdf.pages) == 2
    assert response.headers["Cache-Control"] == "no-cache"


def test_filters_and_pages(case: Telling, client: Client) -> None:
    case.published()
    for query, found in (
        ("", 1),
        ("sector=manufacturing", 1),
        ("sector=food", 0),
        ("country=SK", 1),
        ("country=FR", 0),
        ("sector=%00x", 0),
        ("page=9", 1),
    ):
        page = client.get(f"/stories?{query}")
        if page.status_code == 200:
            assert page.text.count("story-card-picture") == found, query
        else:
            assert (query, page.status_code) == ("sector=%00x", 400)


def test_queries_of_the_lists_are_a_literal_number(case: Telling, client: Client) -> None:
    case.published(pictures=1)
    client.get("/stories")
    for number in (1, 3):
        for _ in range(number - 1):
            telling().published(pictures=1)
        db.session.commit()
        with queries() as seen:
            client.get("/stories")
        assert seen.count == 3, seen
        with queries() as seen:
            client.get("/stories.atom")
        assert seen.count == 3, seen


# Pictures that are none


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("one.png", photo(1, 1, "PNG"), "“one.png” is 1 by 1 pixels; a picture is at least 400 px wide"),
        (
            "drawing.png",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "not a JPEG, PNG or WebP picture by its content",
        ),
        ("page.jpg", b"<html>", "not a JPEG, PNG or WebP picture"),
        ("half.jpg", photo()[:900], "broken"),
        ("", b"", ""),
    ],
    ids=["one pixel", "SVG", "HTML", "half", "nothing chosen"],
)
def test_what_is_no_picture_is_said_at_the_field_and_nothing_typed_is_lost(
    case: Telling, visitor: Visitor, name: str, content: bytes, says: str
) -> None:
    id = case.begin().id
    browser = visitor(case.guest)
    typed = values_of(browser.get(f"/stories/{id}/edit")) | {"took": "Four months"}
    files = {"files": (BytesIO(content), name)} if name else {}
    answer = browser.post(f"/stories/{id}/pictures", data=typed | files, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert (says or "Choose a picture first.") in text_of(answer)
    assert case.story.texts["took"] == "Four months"
    assert case.story.chosen_pictures == []


def test_a_fifth_picture_is_refused_and_the_same_one_twice_is_one(case: Telling) -> None:
    case.begin()
    case.write(pictures=4)
    case.do(operations.add_picture, case.guest, name="0.jpg", content=photo(colour="teal"))
    assert len(case.story.chosen_pictures) == 4
    with pytest.raises(operations.Refusal, match="up to 4"):
        case.do(operations.add_picture, case.guest, name="5.jpg", content=photo(colour="red"))
    case.do(operations.remove_picture, case.guest, id=case.story.chosen_pictures[0].id)
    case.do(operations.add_picture, case.guest, name="0.jpg", content=photo(colour="teal"))
    assert len(case.story.pictures) == 4


def test_what_is_shown_says_nothing_of_place_or_camera(case: Telling, visitor: Visitor) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (47.0, 4.0, 0.0)}
    exif[0x010F] = "Camera of Ana"
    case.begin()
    case.do(operations.add_picture, case.guest, name="a.jpg", content=photo(exif=exif.tobytes()))
    id = case.story.chosen_pictures[0].id
    for path in (f"/stories/pictures/{id}.jpg", f"/stories/pictures/{id}-small.jpg"):
        shown = visitor(case.guest).get(path).data
        assert b"Camera" not in shown
        assert not Image.open(BytesIO(shown)).getexif()


# Who may do what


def people(case: Telling) -> dict[str, User]:
    return {
        "guest": case.guest,
        "guest's coordinator": case.asked.coordinator,
        "host": case.host,
        "reviewer": case.reviewer,
        "owner": case.owner,
        "stranger": make_user(),
        "next reviewer": case.other,
    }


SIDES, NOBODY = {"guest", "guest's coordinator", "host"}, set()
SEE = {*SIDES, "owner"}
# path -> who gets 200 while the story is a draft, in review, recommended, published
MATRIX: dict[str, tuple[set[str], ...]] = {
    "": (SEE, SEE | {"reviewer"}, SEE | {"reviewer"}, SEE | {"reviewer"}),
    "/edit": (SIDES, NOBODY, NOBODY, NOBODY),
    "/host-view": ({"host"}, NOBODY, NOBODY, NOBODY),
    "/submit": (SIDES, NOBODY, NOBODY, NOBODY),
    "/review": (NOBODY, {"reviewer"}, NOBODY, NOBODY),
    "/decline": (NOBODY, {"reviewer"}, NOBODY, NOBODY),
    "/assign": (NOBODY, {"owner"}, NOBODY, NOBODY),
    "/agree": (NOBODY, NOBODY, SIDES, NOBODY),
    "/take-back": (NOBODY, SIDES, SIDES, NOBODY),
    "/withdraw": (SEE, SEE, SEE, SEE),
    "/rework": (NOBODY, NOBODY, NOBODY, NOBODY),
}


def test_each_page_is_for_those_whose_turn_it_is(case: Telling, visitor: Visitor, client: Client) -> None:
    case.begin()
    case.write()
    stages = (lambda: None, case.submit, case.review, lambda: (case.agree(case.guest), case.agree(case.host)))
    found = people(case)
    browsers = {name: visitor(person) for name, person in found.items()}
    for stage, go_on in enumerate(stages):
        go_on()
        for path, expected in MATRIX.items():
            there = {name: browser.get(f"/stories/{case.story.id}{path}").status_code for name, browser in browsers.items()}
            assert {name for name, status in there.items() if status == 200} == expected[stage], (stage, path, there)
            assert set(there.values()) <= {200, 302, 403, 404, 409}, (stage, path, there)
            strangers = {there["stranger"], there["next reviewer"]} - ({302} if path == "" else set())
            assert strangers <= {404}, (stage, path, there)
            if path:
                assert client.get(f"/stories/{case.story.id}{path}").status_code == 302
    assert visitor(found["stranger"]).post(f"/exchanges/{case.asked.exchange.id}/story").status_code == 404


# Whatever people type

HOSTILE = (
    "<script>alert(1)</script> {{ 7 * 7 }} #set text(red) \u202eabc\u202c 👩‍🚒 العربية Ελλάδα 中文 &amp; \u2028 'x' \"y\" "
    + "w" * 300
)


def test_whatever_is_typed_is_shown_as_typed_everywhere(case: Telling, client: Client, visitor: Visitor) -> None:
    case.begin()
    case.write({**dict.fromkeys(TEXTS, HOSTILE), "title": HOSTILE[:110]}, pictures=1)
    case.submit()
    case.review(whole=HOSTILE)
    assert "<script>alert" not in visitor(case.guest).get(f"/stories/{case.story.id}").text
    case.agree(case.guest)
    case.agree(case.host)
    page = client.get(f"/stories/{case.story.id}", follow_redirects=True)
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}") > 8
    assert "<script>" not in client.get("/stories").text.split("<main")[1].split("</main>")[0]
    [entry] = etree.fromstring(client.get("/stories.atom").data).findall("atom:entry", ATOM)
    assert "<script>alert(1)</script>" in (entry.findtext("atom:title", namespaces=ATOM) or "")
    pdf = PdfReader(BytesIO(client.get(f"/stories/{case.story.id}/story.pdf").data))
    assert "{{ 7 * 7 }} #set text(red)" in " ".join(pdf.pages[0].extract_text().split())


def test_a_story_of_5000_characters_in_each_chapter(case: Telling, client: Client) -> None:
    case.begin()
    case.write(dict.fromkeys(TEXTS, "Many words. " * 416) | {"title": "Long"})
    case.submit()
    case.review()
    case.agree(case.guest)
    case.agree(case.host)
    assert client.get(f"/stories/long-{case.story.id}").status_code == 200
    assert len(PdfReader(BytesIO(client.get(f"/stories/{case.story.id}/story.pdf").data)).pages) > 5


def test_what_is_too_long_is_said_at_its_field_and_the_rest_is_kept(case: Telling, visitor: Visitor) -> None:
    id = case.begin().id
    guest = visitor(case.guest)
    typed = values_of(guest.get(f"/stories/{id}/edit")) | {"took": "x" * 5001, "transfer": "Kept.", "act": "submit"}
    answer = guest.post(f"/stories/{id}/edit", data=typed)
    assert answer.status_code == 422
    assert "Keep this to 5000 characters." in text_of(answer)
    assert values_of(answer)["took"] == "x" * 5001
    assert case.story.texts["transfer"] == "Kept."


def test_descriptions_put_together_by_hand(case: Telling, visitor: Visitor) -> None:
    id = case.begin().id
    guest = visitor(case.guest)
    typed = values_of(guest.get(f"/stories/{id}/edit")) | {"alts-0": "x", "alts-7": "y", "alts-٣": "z"}
    assert guest.post(f"/stories/{id}/edit", data=typed).status_code == 303
    assert case.story.chosen_pictures == []


def test_what_is_agreed_to_says_its_figures_in_plain_words(case: Telling, visitor: Any) -> None:
    case.answered("month_12", take_over_states={"t1": "in_use"}, members_served=14)
    case.recommended()
    db.session.commit()
    page = text_of(visitor(case.guest).get(f"/stories/{case.story.id}/agree"))
    assert "In figures 14 members benefit, 1 thing taken over is in use" in page
    assert "in use: 1" not in page
