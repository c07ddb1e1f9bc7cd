"""What stands in a header arrives as it was, in lines that every server takes."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.notifications.headers import FOLDING, called

PIECES = [
    "Ünïversität",
    "and",
    "€1,000.00",
    "V-000123",
    "漢字",
    "“Funding”",
    "(Graz)",
    "a" * 90,
    "ж" * 50,
    "=?utf-8?q?x?=",
    '"',
    ",",
    "é",
]
lines = st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map(" ".join)


def sent(subject: str, name: str) -> bytes:
    message = EmailMessage(policy=FOLDING)
    message["Subject"] = subject
    message["To"] = called(name, "ana@example.org")
    message.set_content("x")
    return message.as_bytes().partition(b"\r\n\r\n")[0]


@given(subject=lines, name=lines)
def test_headers_arrive_as_they_were(subject: str, name: str) -> None:
    head = sent(subject, name)
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert head_of(head, "Subject") == subject
    shown, address = parseaddr(message_from_bytes(head)["To"])  # as old readers do; the new one puts spaces between encoded words
    assert (decoded(shown), address) == (name.replace("=?", "= ?"), "ana@example.org")


def head_of(head: bytes, name: str) -> str:
    return str(message_from_bytes(head, policy=policy.default)[name])


def decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


@pytest.mark.parametrize("subject", ["Your voucher", "x" * 60, "Your voucher of 3 March is issued, and the certificate, too"])
def test_what_is_short_and_plain_is_not_encoded(subject: str) -> None:
    assert f"Subject: {subject}".encode() in sent(subject, "Ana").split(b"\r\n")


def test_a_plain_name_is_quoted_where_it_must_be() -> None:
    assert b'To: "Kovac, Ana" <ana@example.org>' in sent("x", "Kovac, Ana")
