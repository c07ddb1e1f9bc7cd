"""Pictures that everybody may see: made anew, small, and without what the camera knew; what is none is said in words."""

import struct
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image

from mobility.core.errors import Refusal
from mobility.documents.pictures import LARGE, MOST_PIXELS, SMALL, prepared
from tests.support.evidence import bomb, pdf
from tests.support.stories import photo


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(
    ("content", "size", "small"),
    [
        (photo(900, 600), (900, 600), (480, 320)),
        (photo(3000, 2000), (1600, 1067), (480, 320)),
        (photo(600, 3200), (300, 1600), (90, 480)),
        (photo(400, 200, "PNG"), (400, 200), (400, 200)),
        (photo(900, 600, "WEBP"), (900, 600), (480, 320)),
    ],
    ids=["as it is", "smaller", "upright", "smallest", "WebP"],
)
def test_the_size_it_is_shown_in(content: bytes, size: tuple[int, int], small: tuple[int, int]) -> None:
    found = prepared("a.jpg", content)
    assert (found.width, found.height) == opened(found.large).size == size
    assert opened(found.small).size == small
    assert max(size) <= LARGE
    assert max(small) <= SMALL
    assert opened(found.large).format == opened(found.small).format == "JPEG"


def test_it_is_the_same_each_time() -> None:
    assert prepared("a.jpg", photo()) == prepared("b.png", photo())


def test_it_stands_as_the_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    found = prepared("a.jpg", photo(900, 600, exif=exif.tobytes()))
    assert (found.width, found.height) == (600, 900)


def test_nothing_but_pixels_is_left() -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (47.0, 4.0, 0.0)}
    exif[0x010F] = "Camera of Ana"
    content = photo(exif=exif.tobytes(), comment=b"Ana was here")
    assert b"Camera of Ana" in content
    found = prepared("a.jpg", content)
    for each in (found.large, found.small):
        assert b"Ana" not in each
        assert not opened(each).getexif()
        assert "comment" not in opened(each).info


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_whatever_it_is_painted_with(mode: str) -> None:
    file = BytesIO()
    picture = Image.new("L", (500, 400), 90)
    made = Image.new(mode, (500, 400), 90) if mode == "I;16" else picture.convert(mode)
    made.save(file, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(prepared("a.png", file.getvalue()).large).mode == "RGB"


def test_what_is_seen_through_stands_on_white() -> None:
    file = BytesIO()
    Image.new("RGBA", (500, 400), (255, 0, 0, 0)).save(file, "PNG")
    assert opened(prepared("a.png", file.getvalue()).large).getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_what_moves_the_first_picture_is_taken(kind: str) -> None:
    file = BytesIO()
    first, second = (Image.new("RGB", (500, 400), colour) for colour in ("blue", "red"))
    first.save(file, kind, save_all=True, append_images=[second], duration=100)
    red, _, blue = opened(prepared("a", file.getvalue()).large).getpixel((9, 9))
    assert blue > 200 > 50 > red


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (photo(1, 1, "PNG"), "is 1 by 1 pixels; a picture is at least 400 px wide and 200 px high."),
        (photo(399, 300), "is 399 by 300 pixels; a picture is at least 400 px wide"),
        (photo(4000, 10), "at least 400 px wide and 200 px high"),
        (bomb(6325), "has 40 million pixels; a picture can have up to 24 million. Save it smaller."),
        (bomb(100_000), "million"),
        (b"", "is not a JPEG, PNG or WebP picture by its content"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'/>", "is not a JPEG, PNG or WebP picture"),
        (photo(900, 600, "GIF"), "is not a JPEG, PNG or WebP picture"),
        (photo(900, 600, "TIFF"), "is not a JPEG, PNG or WebP picture"),
        (pdf(), "is not a JPEG, PNG or WebP picture"),
        (photo()[:500], "or it is broken"),
        (photo(900, 600, "PNG")[:500], "or it is broken"),
        (b"\xff\xd8\xff" + bytes(11 * 1024 * 1024), "is 11.0 MB; a picture can be up to 10 MB."),
    ],
    ids=[
        "one pixel",
        "narrow",
        "low",
        "40 million",
        "a bomb",
        "empty",
        "SVG",
        "GIF",
        "TIFF",
        "PDF",
        "half a JPEG",
        "half a PNG",
        "11 MB",
    ],
)
def test_what_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        prepared("holiday.png", content, "files")
    assert says in refused.value.message
    assert refused.value.message.startswith("“holiday.png” ")
    assert refused.value.field == "files"


def test_a_name_that_pretends_does_no_harm() -> None:
    with pytest.raises(Refusal, match=r"“evil[.]png”"):
        prepared("../../etc/\u202eevil.png", b"x")


def huge_png(width: int, height: int) -> bytes:
    """A whole PNG of one colour: a few kilobytes that unpack to many millions of pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    data = b"".join([*(packer.compress(bytes(1 + 3 * width)) for _ in range(height)), packer.flush()])
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    written = (struct.pack(">I", len(each)) + name + each + struct.pack(">I", zlib.crc32(name + each)) for name, each in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def test_the_largest_that_is_taken_takes_no_longer_than_a_second() -> None:
    content = huge_png(6000, 4000)
    assert MOST_PIXELS == 6000 * 4000
    least = min(_seconds(content) for _ in range(3))
    assert least < 1, least


def _seconds(content: bytes) -> float:
    before = time.process_time()
    prepared("a.png", content)
    return time.process_time() - before
