"""Every way in which files come, attacked alike: what is refused is said at its field in time, and nothing typed is lost."""

import shutil
from io import BytesIO
from time import thread_time
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from tests.support.client import Visitor
from tests.support.evidence import bomb, pdf, picture
from tests.support.forms import values_of
from tests.support.hostile import CAMERA, layered, svg, tables, tell_tale
from tests.support.html import text_of
from tests.support.stories import photo
from tests.support.uploads import WAYS, Way

SECONDS = 8  # of the processor, for a whole request
MB = 2**20


@pytest.fixture(params=WAYS)
def way(request: Any, db_session: Any, visitor: Visitor) -> Way:
    return WAYS[request.param](visitor)


HOSTILE = {
    "40 million pixels": ("a.png", lambda: bomb(6325)),
    "1 pixel": ("a.png", lambda: photo(1, 1, "PNG")),
    "SVG called PNG": ("a.png", svg),
    "HTML called PDF": ("a.pdf", lambda: b"<html><script>alert(1)</script>"),
    "layers": ("a.jpg", lambda: layered(3000, 1500, 1000)),
    "tables without end": ("a.pdf", lambda: tables(12)),
    "empty": ("a.pdf", lambda: b""),
    "half": ("a.jpg", lambda: tell_tale()[:9000]),
    "11 MB": ("a.pdf", lambda: pdf().ljust(11 * MB)),
    "a program": ("a.exe", lambda: b"MZ\x90\x00" + bytes(900)),
}
EVIDENCE_TAKES = {"40 million pixels", "1 pixel"}  # it is no picture to be shown: its pixels do not matter, and are not unpacked


@pytest.mark.parametrize("what", HOSTILE)
def test_what_means_harm(way: Way, what: str) -> None:
    name, content = HOSTILE[what]
    sent, before = content(), thread_time()
    answer = way.send((name, sent))
    took = thread_time() - before
    assert took < SECONDS
    if what in EVIDENCE_TAKES and "stories" not in way.page:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert f"“{name}” " in text_of(answer)
    assert f'id="{way.field}-error"' in answer.text
    assert values_of(answer)[way.typed[0]] == way.typed[1]
    assert way.kept() == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd.png", "passwd.png"),
        ("..\\\\..\\\\windows\\\\driver.png", "driver.png"),
        ("/", "file.png"),
        ("\u202egnp.exe.png", "gnp.exe.png"),
        ("<script>alert(1)</script>.png", "script>.png"),
        ("n" * 3000 + ".png", "n" * 116 + ".png"),
        ("“Ω” 🌱\x07.png", "“Ω” 🌱.png"),
    ],
    ids=["folders", "Windows' folders", "a folder alone", "turned round", "a script", "3000 letters", "other letters"],
)
def test_names_that_are_none(way: Way, name: str, shown: str) -> None:
    assert way.send((name, photo(900, 600, "PNG")), name="").status_code == 303
    (kept,) = way.kept()
    if "stories" in way.page:
        return  # pictures have no names
    assert kept.name == shown
    page = way.client.get(way.page.removesuffix("/add-evidence"))
    assert "<script>alert" not in page.text
    answer = way.client.get(way.page.removesuffix("/add-evidence") + f"/evidence/{kept.id}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in answer.headers["Content-Disposition"]


def test_thirty_at_once(way: Way) -> None:
    """The first ten are looked at; of what has no room, each is told before it is unpacked."""
    sent = [(f"{number}.png", photo(900, 600, "PNG", (number, 9, 9))) for number in range(30)]
    before = thread_time()
    answer = way.send(*sent)
    assert thread_time() - before < SECONDS
    if way.field == "file":  # one at a time
        assert answer.status_code == 303
        assert len(way.kept()) == 1
        return
    assert answer.status_code == 422
    assert "These are 30 files. The first 10 have been looked at; add the others afterwards." in text_of(answer)
    assert values_of(answer)[way.typed[0]] == way.typed[1]
    assert len(way.kept()) == (4 if "stories" in way.page else 10)


def test_where_a_photo_was_taken_is_nobody_s_business(way: Way) -> None:
    assert way.send(("a.jpg", tell_tale("JPEG", 6))).status_code == 303
    (content,) = way.contents()
    assert CAMERA.encode() not in content
    assert b"GPS" not in content
    with Image.open(BytesIO(content)) as found:
        assert not found.getexif().get_ifd(0x8825)
        assert found.size == ((600, 900) if "stories" in way.page else (900, 600))
        assert found.getexif().get(0x0112, 1) == (1 if "stories" in way.page else 6)


def test_the_same_photo_twice_is_one(way: Way) -> None:
    first, again = way.send(("a.jpg", tell_tale())), way.send(("b.jpg", tell_tale()))
    assert first.status_code == 303
    assert again.status_code == (422 if way.field == "file" else 303)
    assert len(way.kept()) == 1


def test_a_store_that_does_not_answer(way: Way, app: Flask, tmp_path: Any) -> None:
    folder = tmp_path / "files"
    app.config["FILES_URL"] = folder.as_uri()
    assert way.send(("first.png", photo(900, 600, "PNG", "navy"))).status_code == 303
    shutil.rmtree(folder)
    folder.write_text("no folder any more")
    answer = way.send(("a.png", photo(900, 600, "PNG")))
    assert answer.status_code == 422
    assert "“a.png” could not be stored just now. Please add it again later." in text_of(answer)
    assert values_of(answer)[way.typed[0]] == way.typed[1]
    assert len(way.kept()) == 1


def test_no_room_is_said_before_anything_is_unpacked(way: Way) -> None:
    most = 4 if "stories" in way.page else 10 if way.field == "file" else 20
    for number in range(most):
        assert way.send((f"{number}.png", photo(900, 600, "PNG", (number, 9, 9)))).status_code == 303
    answer = way.send(("broken.png", picture()[:-500]), ("broken.jpg", layered(3000, 1500, 1000)))
    assert answer.status_code == 422
    assert f"takes up to {most} " in text_of(answer)
    assert "layers" not in text_of(answer)
    assert "is broken" not in text_of(answer)
    assert len(way.kept()) == most


def test_more_than_a_request_may_carry(way: Way) -> None:
    answer = way.send(*[(f"{number}.pdf", pdf().ljust(9 * MB, bytes([number]))) for number in range(1, 6)])
    assert answer.status_code == 413
    assert values_of(answer)[way.typed[0]] == way.typed[1]
    assert way.kept() == []
