"""Files as somebody sends them who means harm, or whose camera notes too much: small, and made as they are needed."""

import zlib
from functools import cache
from io import BytesIO

from PIL import Image, PngImagePlugin

CAMERA = "Camera of Ana"
WHERE = {1: "N", 2: (47.0, 4.0, 21.5), 3: "E", 4: (15.0, 26.0, 11.0)}  # the main square of Graz


@cache
def layered(scans: int, width: int = 6000, height: int = 4000) -> bytes:
    """A progressive JPEG of one colour that goes over the whole picture `scans` times more than it has to."""
    file = BytesIO()
    Image.new("RGB", (width, height), (90, 120, 40)).save(file, "JPEG", progressive=True, quality=50)
    content = file.getvalue()
    last = content.rfind(b"\xff\xc4", 0, content.rfind(b"\xff\xda"))  # the tables of the last scan, and the scan
    return content[:-2] + content[last:-2] * scans + b"\xff\xd9"


@cache
def apart(scans: int) -> bytes:
    """The same with rubbish between the scans, which decoders skip."""
    return layered(scans, 1500, 1000).replace(b"\xff\xc4", b"\x00\x01rubbish\xff\xc4")


@cache
def tables(sections: int, entries: int = 1_000_000) -> bytes:
    """A PDF of a few kilobytes in which each of some tables of contents, one leading to the next, has a million entries."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    )
    written = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, 1))
    packed = zlib.compress(b"\x01\x00\x09\x00" * entries, 9)
    before = b""
    for number in range(sections):
        here = len(written)
        about = b"/Type/XRef/Size %d/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d%s" % (entries, len(packed), before)
        written += b"%d 0 obj\n<<%s>>\nstream\n%s\nendstream\nendobj\n" % (4 + number, about, packed)
        before = b"/Prev %d" % here
    return written + b"startxref\n%d\n%%%%EOF\n" % here


@cache
def svg() -> bytes:
    return (
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'><script>alert(1)</script></svg>"
    )


@cache
def tell_tale(kind: str = "JPEG", turned: int = 1, width: int = 900, height: int = 600) -> bytes:
    """A photo that says where it was taken, by whom, and with what; of noise, so that one sees whether its pixels change."""
    exif = Image.Exif()
    exif[0x8825], exif[0x010F], exif[0x0112] = WHERE, CAMERA, turned
    file, picture = BytesIO(), Image.effect_noise((width, height), 60).convert("RGB")
    if kind == "JPEG":
        xmp = f"<x:xmpmeta><exif:GPSLatitude>47,4.36N</exif:GPSLatitude>{CAMERA}</x:xmpmeta>".encode()
        picture.save(file, kind, exif=exif, comment=CAMERA.encode(), xmp=xmp)
        return file.getvalue() + b"\xff\xd8\xff\xe1" + CAMERA.encode()  # a second picture, as telephones append it
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", CAMERA)
    picture.save(file, kind, exif=exif, pnginfo=notes)
    return file.getvalue()
