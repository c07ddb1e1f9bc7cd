"""Files that would keep a processor busy, and photos that say too much: what our decoders do with them, and how long."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from mobility.core.errors import Refusal
from mobility.documents import filetypes
from mobility.documents.filetypes import MOST_BYTES, MOST_SCANS, recognised
from mobility.documents.pictures import prepared
from mobility.documents.traces import scans
from tests.support.evidence import bomb, pdf, picture
from tests.support.hostile import CAMERA, apart, layered, svg, tables, tell_tale
from tests.support.stories import photo
from tests.support.timing import processor_seconds


def as_evidence(name: str, content: bytes) -> None:
    recognised(name, content).open()


def spread() -> bytes:
    """A good picture, with next to nothing before its first part."""
    return b"\xff\xd8" + b"\xff" * (MOST_BYTES - 100_000) + photo(300, 200, "JPEG")[2:]


LAYERS = "layers, which takes too long to open. Save it again as an ordinary JPEG."
NO_PICTURE = "is neither a PDF nor a picture by its content. Add a PDF, PNG or JPEG file."
NOT_SHOWN = "is not a JPEG, PNG or WebP picture by its content, or it is broken."


@pytest.mark.parametrize(
    ("take", "name", "content", "says", "seconds"),
    [
        (as_evidence, "a.jpg", lambda: layered(3000, 1500, 1000), LAYERS, 1),
        (prepared, "a.jpg", lambda: layered(3000, 1500, 1000), LAYERS, 1),
        (as_evidence, "a.jpg", lambda: apart(3000), LAYERS, 1),
        (prepared, "a.jpg", lambda: apart(3000), LAYERS, 1),
        (as_evidence, "a.jpg", lambda: b"\xff\xd8" + b"\xff\xda\0\x02" * (MOST_BYTES // 4 - 9), "cannot be opened", 0.5),
        (
            as_evidence,
            "a.jpg",
            lambda: b"\xff\xd8" + b"\xff\xfe\0\x02" * (MOST_BYTES // 4 - 9) + b"\xff\xd9",
            "cannot be opened",
            0.5,
        ),
        (prepared, "a.jpg", lambda: b"\xff\xd8" + b"\xff\xfe\0\x02" * (MOST_BYTES // 4 - 9) + b"\xff\xd9", "", 0.5),
        (as_evidence, "a.jpg", lambda: b"\xff\xd8" + b"\xff" * (MOST_BYTES - 9), "cannot be opened", 2),
        (as_evidence, "a.jpg", spread, "cannot be opened", 2),
        (prepared, "a.jpg", spread, NOT_SHOWN, 2),
        (as_evidence, "a.png", lambda: picture()[:33] + b"\0\0\0\0tEXt1234" * (MOST_BYTES // 12 - 9), "cannot be opened", 4),
        (as_evidence, "a.png", lambda: bomb(40_000), "million pixels", 0.5),
        (prepared, "a.png", lambda: bomb(40_000), "million pixels", 0.5),
        (as_evidence, "a.pdf", lambda: tables(12), "takes too long to open", 6),
        (as_evidence, "a.pdf", lambda: b"%PDF-1.4\n" + b"1 0 obj\n" * 1_200_000 + b"startxref\n0\n%%EOF", "", 6),
        (as_evidence, "a.pdf", lambda: b"%PDF-1.4\n" + b"[" * 5_000_000 + b"startxref\n9\n%%EOF", "", 6),
        (as_evidence, "a.pdf", lambda: b"%PDF-1.4\n" + b" " * 9_000_000 + b"\nstartxref\n9\n%%EOF", "", 6),
        (as_evidence, "a.png", svg, NO_PICTURE, 0.5),
        (prepared, "a.png", svg, NOT_SHOWN, 0.5),
        (as_evidence, "a.webp", lambda: photo(900, 600, "WEBP"), NO_PICTURE, 0.5),
        (prepared, "a.png", lambda: b"", NOT_SHOWN, 0.5),
    ],
    ids=[
        "3000 layers, evidence",
        "3000 layers, picture",
        "3000 layers and rubbish, evidence",
        "3000 layers and rubbish, picture",
        "nothing but layers",
        "nothing but comments, evidence",
        "nothing but comments, picture",
        "nothing but marks",
        "a picture behind marks, evidence",
        "a picture behind marks, picture",
        "notes without end",
        "a bomb, evidence",
        "a bomb, picture",
        "tables without end",
        "objects without end",
        "brackets without end",
        "nothing without end",
        "SVG, evidence",
        "SVG, picture",
        "WebP, evidence",
        "empty, picture",
    ],
)
def test_what_means_harm_is_refused_within_its_budget(
    take: Callable[[str, bytes], object], name: str, content: Callable[[], bytes], says: str, seconds: float
) -> None:
    sent = content()
    assert len(sent) <= MOST_BYTES

    def attack() -> None:
        with pytest.raises(Refusal) as refused:
            take(name, sent)
        assert says in refused.value.message
        assert refused.value.message.startswith(f"“{name}” ")

    took = processor_seconds(attack, times=1 if seconds > 1 else 3)
    assert took < seconds


@pytest.mark.parametrize("take", [as_evidence, prepared])
def test_a_photo_in_as_many_layers_as_are_taken_takes_seconds_at_most(take: Callable[[str, bytes], object]) -> None:
    ordinary = scans(layered(0))
    content = layered(MOST_SCANS - ordinary)
    assert (ordinary, scans(content)) == (10, MOST_SCANS)
    assert processor_seconds(lambda: take("a.jpg", content), times=1) < 3
    with pytest.raises(Refusal, match="is a JPEG in 26 layers"):
        take("a.jpg", layered(MOST_SCANS - ordinary + 1))


def test_a_pdf_that_takes_its_time_is_another_than_a_broken_one(monkeypatch: pytest.MonkeyPatch) -> None:
    as_evidence("a.pdf", pdf(300))
    monkeypatch.setattr(filetypes, "MOST_SECONDS", 0.0)
    with pytest.raises(Refusal, match="takes too long to open"):
        as_evidence("a.pdf", pdf(300))


# What a camera notes


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("turned", [1, 6])
def test_evidence_keeps_its_pixels_and_which_side_is_up_but_not_the_place(kind: str, turned: int) -> None:
    sent = tell_tale(kind, turned)
    assert CAMERA.encode() in sent
    with Image.open(BytesIO(sent)) as before:
        assert before.getexif().get_ifd(0x8825)
        pixels = before.tobytes()
    found = recognised(f"a.{kind.lower()}", sent)
    found.open()
    assert CAMERA.encode() not in found.content
    assert b"GPSLatitude" not in found.content
    with Image.open(BytesIO(found.content)) as after:
        assert after.tobytes() == pixels
        assert dict(after.getexif()) == ({0x0112: 6} if turned == 6 else {})
        assert not after.getexif().get_ifd(0x8825)
        assert not {"comment", "xmp", "Author"} & set(after.info)


@pytest.mark.parametrize("content", [picture("PNG"), picture("JPEG"), photo(900, 600), photo(900, 600, "PNG")])
def test_what_has_no_such_notes_is_not_changed_at_all(content: bytes) -> None:
    name = "a.png" if content.startswith(b"\x89PNG") else "a.jpg"
    assert recognised(name, content).content == content


def test_colours_stay_what_they_are() -> None:
    """The profile of colours, and the mark that says how a picture for printing is stored, are no notes about anybody."""
    file = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    Image.effect_noise((300, 200), 60).convert("CMYK").save(file, "JPEG", icc_profile=b"a profile", exif=exif)
    found = recognised("a.jpg", file.getvalue()).content
    assert CAMERA.encode() not in found
    with Image.open(BytesIO(file.getvalue())) as before, Image.open(BytesIO(found)) as after:
        assert (after.info["icc_profile"], after.info["adobe"]) == (b"a profile", before.info["adobe"])
        assert after.tobytes() == before.tobytes()


def test_half_a_picture_is_as_broken_as_before() -> None:
    for name, content in (("a.jpg", tell_tale()[:9000]), ("a.png", tell_tale("PNG")[:9000])):
        with pytest.raises(Refusal, match="broken or not complete"):
            as_evidence(name, content)
