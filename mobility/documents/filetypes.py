"""What a file really is, by its content: a name, or what a browser says, proves nothing. Pure.

A PDF is opened (broken and password-protected ones are refused), a picture is checked to its end.
"""

import logging
import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import PurePosixPath

from PIL import Image
from pypdf import PdfReader

from mobility.core.errors import Refusal
from mobility.core.names import stream_safe

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE  # money.md: up to 10 MB each
MOST_AT_ONCE = 4 * MOST_BYTES  # of one request, with all else in it; the same in docs/deploy.md for the proxy
LIMITS = f"PDF, PNG or JPEG; up to {MOST_BYTES // MEGABYTE} MB each, less than {MOST_AT_ONCE // MEGABYTE} MB at once."
MOST_PIXELS = 64_000_000  # a picture of 100 kB may unpack to gigabytes
LONGEST_PATH = 4096
NAME_LENGTH = 120

BOM = b"\xef\xbb\xbf"  # some programs write this mark before a PDF; every reader skips it
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
SIGNATURES = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
ENDINGS = {PDF: ("pdf",), PNG: ("png",), JPEG: ("jpg", "jpeg", "jpe", "jfif")}
KINDS = {PDF: "PDF", PNG: "PNG picture", JPEG: "JPEG picture"}
WANTED = "Add a PDF, PNG or JPEG file."

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong with a file is told to whoever sent it


def checked(name: str, content: bytes, field: str | None = None) -> tuple[str, str]:
    """The name to keep and the type of a file that can be taken. Raises Refusal at `field`, saying what would be right."""
    shown = clean_name(name)
    try:
        kind = _kind(content)
        OPEN[kind](content)
        return _with_ending(shown, kind), kind
    except Refusal as refusal:
        raise Refusal(f"“{shown}” {refusal.message}", field) from None


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


def _open_pdf(content: bytes) -> None:
    try:
        reader = PdfReader(BytesIO(content))
        readable = not reader.is_encrypted or bool(reader.decrypt(""))  # many PDFs only forbid changes
        pages = len(reader.pages) if readable else 0
    except Exception:  # pypdf meets broken files with any exception there is
        raise Refusal("cannot be opened: it is broken or not complete. Export or scan it again.") from None
    if not readable:
        raise Refusal("is protected by a password. Save it without one, then add it again.")
    if not pages:
        raise Refusal("has no pages. Export or scan it again.")


def _open_picture(content: bytes) -> None:
    """To its end: a PNG by the checksums of its parts, a JPEG by reading it at an eighth of its size."""
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            if picture.format == "PNG":
                picture.verify()
            else:
                picture.draft("L", (picture.width // 8, picture.height // 8))
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(f"has more than {MOST_PIXELS // 1_000_000} million pixels. Save it smaller.") from None
    except Exception:  # Pillow meets broken files with several
        raise Refusal("cannot be opened: it is broken or not complete. Save or scan it again.") from None


OPEN: dict[str, Callable[[bytes], None]] = {PDF: _open_pdf, PNG: _open_picture, JPEG: _open_picture}
