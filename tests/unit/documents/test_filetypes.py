"""What a file really is, by its content, and what is said of one that cannot be taken."""

from pathlib import Path

import pytest

from mobility.core.errors import Refusal
from mobility.documents.filetypes import LIMITS, MOST_AT_ONCE, MOST_BYTES, clean_name, recognised
from tests.support.evidence import bomb, pdf, picture

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"


def checked(name: str, content: bytes, field: str | None = None) -> tuple[str, str]:
    """The name to keep and the type of a file that can be taken."""
    found = recognised(name, content, field)
    found.open(field)
    return found.name, found.kind


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("invoice.pdf", pdf(), ("invoice.pdf", PDF)),
        ("INVOICE.PDF", pdf(), ("INVOICE.PDF", PDF)),
        ("invoice", pdf(), ("invoice.pdf", PDF)),
        ("Invoice no. 17", pdf(), ("Invoice no. 17.pdf", PDF)),
        ("pass.png", picture("PNG"), ("pass.png", PNG)),
        ("pass.jpg", picture("JPEG"), ("pass.jpg", JPEG)),
        ("pass.jpeg", picture("JPEG"), ("pass.jpeg", JPEG)),
        ("may be read.pdf", pdf(password="", owner_password="o"), ("may be read.pdf", PDF)),
        ("with AES.pdf", pdf(password="", owner_password="o", algorithm="AES-256"), ("with AES.pdf", PDF)),
        ("with an older AES.pdf", pdf(password="", owner_password="o", algorithm="AES-128"), ("with an older AES.pdf", PDF)),
        ("marked.pdf", b"\xef\xbb\xbf" + pdf(), ("marked.pdf", PDF)),
        ("just fits.pdf", pdf() + b"\n" * (MOST_BYTES - len(pdf())), ("just fits.pdf", PDF)),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_what_can_be_taken(name: str, content: bytes, kept: tuple[str, str]) -> None:
    assert checked(name, content) == kept


BROKEN_PDF = "cannot be opened: it is broken or not complete. Export or scan it again."
BROKEN_PICTURE = "cannot be opened: it is broken or not complete. Save or scan it again."
WANTED = "Add a PDF, PNG or JPEG file."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nothing.pdf", b"", "is empty. Choose the file again; perhaps it was not copied completely."),
        (
            "large.pdf",
            pdf() + b"\n" * (11 * 2**20 - len(pdf())),
            "is 11.0 MB; a file can be up to 10 MB. Make it smaller, or split it.",
        ),
        ("locked.pdf", pdf(password="secret"), "is protected by a password. Save it without one, then add it again."),
        (
            "locked with AES.pdf",
            pdf(password="secret", algorithm="AES-256"),
            "is protected by a password. Save it without one, then add it again.",
        ),
        ("cut off.pdf", pdf(pages=30)[:-400], BROKEN_PDF),
        ("half.pdf", pdf()[: len(pdf()) // 2], BROKEN_PDF),
        ("only the first words.pdf", b"%PDF-1.7\nhello", BROKEN_PDF),
        ("empty.pdf", pdf(pages=0), "has no pages. Export or scan it again."),
        ("cut off.png", picture("PNG")[:-500], BROKEN_PICTURE),
        ("cut off.jpg", picture("JPEG")[:-3000], BROKEN_PICTURE),
        ("only the first words.png", b"\x89PNG\r\n\x1a\n", BROKEN_PICTURE),
        ("bomb.png", bomb(9_000), "has more than 64 million pixels. Save it smaller."),
        ("larger bomb.png", bomb(60_000), "has more than 64 million pixels. Save it smaller."),
        ("a.png", pdf(), "is a PDF by its content, but its name says .png. Rename it to end with .pdf."),
        ("a.exe", pdf(), "is a PDF by its content, but its name says .exe. Rename it to end with .pdf."),
        ("a.pdf", picture("PNG"), "is a PNG picture by its content, but its name says .pdf. Rename it to end with .png."),
        ("a.jpg", picture("PNG"), "is a PNG picture by its content, but its name says .jpg. Rename it to end with .png."),
        ("a.pdf", b"PK\x03\x04rest", f"is a Word, Excel or ZIP file; save it as PDF. {WANTED}"),
        ("a.heic", b"\0\0\0\x18ftypheic", f"is a HEIC photo or a video; send a photo as JPEG. {WANTED}"),
        ("a.gif", b"GIF89a", f"is a GIF picture. {WANTED}"),
        ("a.pdf", b"MZ\x90\x00", f"is neither a PDF nor a picture by its content. {WANTED}"),
        ("a.pdf", b"<html><script>alert(1)</script>", f"is neither a PDF nor a picture by its content. {WANTED}"),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_what_cannot_be_taken_is_said_in_words_of_its_own(name: str, content: bytes, words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        checked(name, content, field="files")
    assert (refusal.value.message, refusal.value.field) == (f"“{name}” {words}", "files")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\ticket.pdf", "ticket.pdf"),
        ("/", "file"),
        ("...", "file"),
        ("", "file"),
        ("be\x00fore.pdf", "before.pdf"),
        ("line\r\nbreak.pdf", "line break.pdf"),
        ("\u202efdp.exe\u202c.pdf", "fdp.exe.pdf"),
        ("تذكرة.pdf", "تذكرة.pdf"),
        ("Z\u030c.pdf", "Ž.pdf"),
        ("  two   words .pdf", "two words .pdf"),
        ("n" * 300 + ".pdf", "n" * 116 + ".pdf"),
        ("n" * 300, "n" * 120),
    ],
)
def test_a_name_is_kept_without_what_could_do_harm(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


def test_the_proxy_lets_through_what_the_field_promises() -> None:
    megabytes = MOST_AT_ONCE // 2**20
    assert f"less than {megabytes} MB at once" in LIMITS
    deploy = Path(__file__).parents[3] / "docs" / "deploy.md"
    assert f"client_max_body_size {megabytes}m;" in deploy.read_text()
