"""Pictures as everybody may see them: made anew and smaller, without anything that the camera noted about place or person. Pure.

The content decides what a file is, not its name. Its size is read before it is unpacked.
"""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageOps

from mobility.core.errors import Refusal
from mobility.documents.filetypes import MEGABYTE, MOST_BYTES, clean_name, ensure_filled, refuse_scans

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 24_000_000  # a second of processor time at the most
LEAST_WIDTH, LEAST_HEIGHT = 400, 200
LARGE, SMALL = 1600, 480  # the longer side
LIMITS = (
    f"JPEG, PNG or WebP; up to {MOST_BYTES // MEGABYTE} MB and {MOST_PIXELS // 1_000_000} million pixels each, "
    f"at least {LEAST_WIDTH} pixels wide."
)


@dataclass(frozen=True)
class Picture:
    """`large` and `small` are JPEGs; the size in pixels is that of `large`. `sha256` is of what was sent."""

    large: bytes
    small: bytes
    width: int
    height: int
    sha256: str


def prepared(name: str, content: bytes, field: str | None = None) -> Picture:
    """The picture in a file, of an animated one the first. Raises Refusal at `field`, saying what would be right."""
    try:
        found = _upright(content)
        large = _within(found, LARGE)
        return Picture(_jpeg(large), _jpeg(_within(large, SMALL)), large.width, large.height, sha256(content).hexdigest())
    except Refusal as refusal:
        raise Refusal(f"“{clean_name(name)}” {refusal.message}", field) from None


def _upright(content: bytes) -> Image.Image:
    """Checked by its beginning, then unpacked, turned as the camera was held, and put on white."""
    if len(content) > MOST_BYTES:
        raise Refusal(
            f"is {len(content) / MEGABYTE:.1f} MB; a picture can be up to {MOST_BYTES // MEGABYTE} MB. Save it smaller."
        )
    try:
        ensure_filled(content)
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            _refuse_size(picture.width, picture.height)
            if picture.format == "JPEG":
                refuse_scans(content)
            picture.draft("RGB", (2 * LARGE, 2 * LARGE))  # a JPEG is unpacked no larger than that
            return _on_white(ImageOps.exif_transpose(picture))
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(f"has more than {MOST_PIXELS // 1_000_000} million pixels. Save it smaller.") from None
    except Exception:  # Pillow meets broken files with several
        raise Refusal(
            "is not a JPEG, PNG or WebP picture by its content, or it is broken. Save it again as one of these."
        ) from None


def _refuse_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        size = f"{width * height / 1_000_000:.0f} million pixels"
        raise Refusal(f"has {size}; a picture can have up to {MOST_PIXELS // 1_000_000} million. Save it smaller.")
    if min(width, height) < LEAST_HEIGHT or max(width, height) < LEAST_WIDTH:
        least = f"at least {LEAST_WIDTH} px wide and {LEAST_HEIGHT} px high"
        raise Refusal(f"is {width} by {height} pixels; a picture is {least}. Choose a larger one.")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "L", "CMYK"):
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    white = Image.new("RGB", seen.size, "white")
    white.paste(seen, mask=seen.getchannel("A"))
    return white


def _within(picture: Image.Image, longest: int) -> Image.Image:
    found = picture.copy()
    found.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return found


def _jpeg(picture: Image.Image) -> bytes:
    """The pixels and nothing else."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    stored = BytesIO()
    bare.save(stored, "JPEG", quality=85, optimize=True)
    return stored.getvalue()
