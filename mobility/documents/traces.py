"""What cameras and programs write into pictures besides the pixels (place, person, device), taken out without unpacking. Pure.

The pixels stay as they are to the byte; so does which side is up. A file without such traces is not changed at all.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

ORIENTATION = 0x0112
JPEG_TRACES = {0xE1, 0xED, 0xFE}  # EXIF and XMP; what Photoshop adds; comments
PNG_TRACES = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
MULTIPLE = b"MPF\0"  # more pictures after the first one, each with an EXIF of its own
SCAN, END = 0xDA, 0xD9
BARE = {0x01, END}  # marks that nothing follows
MOST_PARTS = 10_000  # of a JPEG; a picture has some dozens, and ten megabytes have room for millions
MARK = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")  # no byte 0xff of a scan, nor where one starts again; what is none is skipped


def bare_jpeg(content: bytes) -> bytes:
    """Without what was noted, and without what comes after the picture's end. Unchanged if its parts cannot be told apart."""
    parts = list(_jpeg_parts(content))
    if not parts or parts[-1][0] != END:
        return content
    kept = [part for mark, part in parts if not _is_trace(mark, part)]
    if len(kept) == len(parts) and _end_of(parts) == len(content):
        return content
    return b"\xff\xd8" + _turned_jpeg(content) + b"".join(kept)


def scans(content: bytes) -> int:
    """How often the decoder goes over the whole picture: once, in a progressive JPEG about ten times."""
    return sum(mark == SCAN for mark, _ in _jpeg_parts(content))


def between(content: bytes) -> int:
    """How many bytes fill the room between the parts of a JPEG; all of them where there is no part, or no end of parts."""
    parts = [part for _, part in _jpeg_parts(content)]
    if not 0 < len(parts) < MOST_PARTS:
        return len(content)
    return sum(found.start() for part in parts if (found := MARK.search(part)))


def _end_of(parts: list[tuple[int, bytes]]) -> int:
    return 2 + sum(len(part) for _, part in parts)


def _is_trace(mark: int, part: bytes) -> bool:
    return mark in JPEG_TRACES or (mark == 0xE2 and part[4:8] == MULTIPLE)


def _jpeg_parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(mark, all bytes of the part) after the first two bytes, as far as it is a picture, and no more than MOST_PARTS."""
    at = 2
    for _ in range(MOST_PARTS):
        found = MARK.search(content, at)
        if not found:
            return
        mark, begins = found[1][0], found.end()
        ends = begins if mark in BARE else begins + int.from_bytes(content[begins : begins + 2], "big")
        if mark == SCAN:
            following = MARK.search(content, ends)
            ends = following.start() if following else len(content)
        yield mark, content[at:ends]
        if mark == END or ends > len(content):
            return
        at = ends


def _turned(content: bytes) -> bytes:
    """An EXIF block that says which side is up, and nothing else; empty if that is plain."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:
            turn = picture.getexif().get(ORIENTATION, 1)
    except Exception:  # what is broken is told by whoever opens it
        return b""
    if turn not in range(2, 9):
        return b""
    kept = Image.Exif()
    kept[ORIENTATION] = turn
    return kept.tobytes()


def _turned_jpeg(content: bytes) -> bytes:
    block = _turned(content)
    return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block if block else b""


def bare_png(content: bytes) -> bytes:
    """The same of a PNG."""
    parts = list(_png_parts(content))
    if not parts or parts[-1][0] != b"IEND":
        return content
    kept = [part for kind, part in parts if kind not in PNG_TRACES]
    if len(kept) == len(parts) and 8 + sum(map(len, kept)) == len(content):
        return content
    return content[:8] + kept[0] + _turned_png(content) + b"".join(kept[1:])


def _turned_png(content: bytes) -> bytes:
    block = _turned(content).removeprefix(b"Exif\0\0")
    data = b"eXIf" + block
    return struct.pack(">I", len(block)) + data + struct.pack(">I", zlib.crc32(data)) if block else b""


def _png_parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while len(head := content[at : at + 8]) == 8:
        length, kind = struct.unpack(">I4s", head)
        part = content[at : at + 12 + length]
        yield kind, part
        if kind == b"IEND" or len(part) < 12 + length:
            return
        at += len(part)
