"""Files as people add them to a claim, right and wrong, made as they are needed."""

import struct
import zlib
from functools import cache
from io import BytesIO

from PIL import Image
from pypdf import PdfWriter


@cache
def pdf(pages: int = 1, password: str | None = None, owner_password: str | None = None, algorithm: str = "RC4-128") -> bytes:
    """A PDF; one that opens with `password` only, or with an `owner_password` that only forbids changing it."""
    writer, file = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password is not None:
        writer.encrypt(password, owner_password, algorithm=algorithm)
    writer.write(file)
    return file.getvalue()


@cache
def picture(kind: str = "PNG", size: int = 120) -> bytes:
    """A picture of noise, "PNG" or "JPEG": large enough to be cut off."""
    file = BytesIO()
    Image.effect_noise((size, size), 60).convert("RGB").save(file, kind)
    return file.getvalue()


@cache
def bomb(side: int) -> bytes:
    """A small PNG that says it has `side` times `side` pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
