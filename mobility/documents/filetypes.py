"""What a file really is, by its content: a name, or what a browser says, proves nothing. Pure.

A PDF is opened (broken and password-protected ones are refused), a picture is checked to its end.
"""

import logging
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from pathlib import PurePosixPath
from time import thread_time

from PIL import Image

from mobility.core.errors import Refusal
from mobility.core.names import stream_safe
from mobility.documents.traces import bare_jpeg, bare_png, between, scans

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE  # money.md: up to 10 MB each
MOST_AT_ONCE = 4 * MOST_BYTES  # of one request, with all else in it; the same in docs/deploy.md for the proxy
FILES_AT_ONCE = 10  # each may take a second or two of the processor
LIMITS = (
    f"PDF, PNG or JPEG; up to {MOST_BYTES // MEGABYTE} MB each, "
    f"{FILES_AT_ONCE} files and less than {MOST_AT_ONCE // MEGABYTE} MB at once."
)
MOST_PIXELS = 64_000_000  # a picture of 100 kB may unpack to gigabytes
LONGEST_PATH = 4096
MOST_BETWEEN = 65_536  # bytes; cameras leave a few, if any
MOST_SCANS = 25  # a progressive JPEG has about ten; one of 100 kB with thousands would take hours
MOST_SECONDS = 2.0  # of the processor, in which a PDF is opened
NAME_LENGTH = 120

BOM = b"\xef\xbb\xbf"  # some programs write this mark before a PDF; every reader skips it
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
SIGNATURES = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
ENDINGS = {PDF: ("pdf",), PNG: ("png",), JPEG: ("jpg", "jpeg", "jpe", "jfif")}
KINDS = {PDF: "PDF", PNG: "PNG picture", JPEG: "JPEG picture"}
WANTED = "Add a PDF, PNG or JPEG file."

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong with a file is told to whoever sent it


@dataclass(frozen=True)
class Recognised:
    """A file whose type is known by its beginning: `name` is the one to keep, `content` is without a camera's notes."""

    name: str
    kind: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()

    def open(self, field: str | None = None) -> None:
        """Read it to its end, as far as that takes no longer than a few seconds. Raises Refusal at `field`."""
        with _told(self.name, field):
            OPEN[self.kind](self.content)


def recognised(name: str, content: bytes, field: str | None = None) -> Recognised:
    """What a file is, before anything is unpacked. Raises Refusal at `field`, saying what would be right."""
    shown = clean_name(name)
    with _told(shown, field):
        kind = _kind(content)
        return Recognised(_with_ending(shown, kind), kind, BARE[kind](content))


@contextmanager
def _told(name: str, field: str | None) -> Iterator[None]:
    """Each refusal begins with the name of the file."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(f"“{name}” {refusal.message}", field) from None


def clean_name(name: str) -> str:
    """The last part of a path, without anything invisible or that turns the reading direction, and not too long."""
    last = unicodedata.normalize("NFC", stream_safe(name[-LONGEST_PATH:])).replace("\\", "/").rpartition("/")[2]
    visible = "".join(" " if each.isspace() else each for each in last if each.isspace() or unicodedata.category(each)[0] != "C")
    words = " ".join(visible.split()).strip(". ")
    stem, dot, ending = words.rpartition(".")
    if dot and len(ending) <= 5:
        return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}"
    return words[:NAME_LENGTH] or "file"


def _kind(content: bytes) -> str:
    if not content:
        raise Refusal("is empty. Choose the file again; perhaps it was not copied completely.")
    if len(content) > MOST_BYTES:
        size, most = len(content) / MEGABYTE, MOST_BYTES // MEGABYTE
        raise Refusal(f"is {size:.1f} MB; a file can be up to {most} MB. Make it smaller, or split it.")
    for kind, signature in SIGNATURES.items():
        if content.startswith(signature) or (kind == PDF and content.startswith(BOM + signature)):
            return kind
    raise Refusal(f"is {_other(content)}. {WANTED}")


def _other(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        return "a Word, Excel or ZIP file; save it as PDF"
    if content[4:8] == b"ftyp":
        return "a HEIC photo or a video; send a photo as JPEG"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "a GIF picture"
    return "neither a PDF nor a picture by its content"


def _with_ending(name: str, kind: str) -> str:
    """A name without an ending gets the right one; one with another's ending is refused."""
    ending = PurePosixPath(name).suffix.removeprefix(".").lower()
    if ending in ENDINGS[kind]:
        return name
    right = ENDINGS[kind][0]
    if ending and (any(ending in others for others in ENDINGS.values()) or (len(ending) <= 4 and ending.isalpha())):
        raise Refusal(f"is a {KINDS[kind]} by its content, but its name says .{ending}. Rename it to end with .{right}.")
    return f"{name}.{right}"


class _Patient(BytesIO):
    """A file that is read for so many seconds of the processor, then no further."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.until = thread_time() + MOST_SECONDS

    @property
    def is_late(self) -> bool:
        return thread_time() > self.until

    def ensure(self) -> None:
        if self.is_late:
            raise TimeoutError

    def read(self, size: int | None = -1, /) -> bytes:
        self.ensure()
        return super().read(size)


def _open_pdf(content: bytes) -> None:
    file = _Patient(content)
    try:
        reader = import_module("pypdf").PdfReader(file)
        readable = not reader.is_encrypted or bool(reader.decrypt(""))  # many PDFs only forbid changes
        pages = len(reader.pages) if readable else 0
        file.ensure()
    except Exception:  # pypdf meets broken files with any exception there is, and makes others of ours
        if file.is_late:
            raise Refusal("takes too long to open. Print it to a PDF again, or send pictures of it.") from None
        raise Refusal("cannot be opened: it is broken or not complete. Export or scan it again.") from None
    if not readable:
        raise Refusal("is protected by a password. Save it without one, then add it again.")
    if not pages:
        raise Refusal("has no pages. Export or scan it again.")


def refuse_scans(content: bytes) -> None:
    """Raises Refusal for a JPEG that would be gone over again and again."""
    if (found := scans(content)) > MOST_SCANS:
        raise Refusal(f"is a JPEG in {found} layers, which takes too long to open. Save it again as an ordinary JPEG.")


def ensure_filled(content: bytes) -> None:
    """Raises ValueError for a JPEG that is mostly empty between its parts, which Pillow goes through byte by byte, for seconds,
    or that has no end of them."""
    if content.startswith(b"\xff\xd8") and between(content) > MOST_BETWEEN:
        raise ValueError("There is next to nothing in it.")


def _open_picture(content: bytes) -> None:
    """To its end: a PNG by the checksums of its parts, a JPEG by reading it at an eighth of its size."""
    try:
        ensure_filled(content)
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            if picture.format == "PNG":
                picture.verify()
            else:
                refuse_scans(content)
                picture.draft("L", (picture.width // 8, picture.height // 8))
                picture.load()
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(f"has more than {MOST_PIXELS // 1_000_000} million pixels. Save it smaller.") from None
    except Exception:  # Pillow meets broken files with several
        raise Refusal("cannot be opened: it is broken or not complete. Save or scan it again.") from None


OPEN: dict[str, Callable[[bytes], None]] = {PDF: _open_pdf, PNG: _open_picture, JPEG: _open_picture}
BARE: dict[str, Callable[[bytes], bytes]] = {PDF: lambda content: content, PNG: bare_png, JPEG: bare_jpeg}
