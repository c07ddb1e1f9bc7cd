"""What people type, made fit for paper."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.documents.text import BREAK, MOST_MARKS, breakable, clusters, plain, plain_lines

ANY_TEXT = st.text(st.characters())  # lone surrogates too


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("  two \t words\n", "two words"),
        ("a\x00b\x07c", "abc"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066isolated\u2069", "isolated"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("e\u0301", "é"),
        ("\ud800", "\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<b>#strong[x] $y$ \\ *z*</b>", "<b>#strong[x] $y$ \\ *z*</b>"),
        ("Z" + "\u0335" * 40, "Z" + "\u0335" * MOST_MARKS),
    ],
)
def test_plain(typed, printed):
    assert plain(typed) == printed


def test_plain_lines_keeps_the_lines():
    assert plain_lines(" one \r\ntwo\rthree\u2028four\n\n\n\nfive\n") == "one\ntwo\nthree\nfour\n\nfive"


def test_clusters_keep_marks_and_joiners_with_their_letter():
    assert list(clusters("ae\u0323\u0301b\u200d")) == ["a", "e\u0323\u0301", "b\u200d"]
    assert list(clusters("\u0301a")) == ["\u0301", "a"]


def test_long_words_may_be_broken_and_others_not():
    assert breakable("W" * 31).replace(BREAK, "") == "W" * 31
    assert BREAK in breakable("W" * 31)
    assert breakable("Donaudampfschifffahrtsgesellsch") != breakable("a word") == "a word"
    assert breakable("0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV") == "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"


@given(ANY_TEXT)
def test_plain_text_is_one_line_of_visible_characters(text):
    printed = plain(text)
    assert not [c for c in printed if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert plain(printed) == printed


@given(ANY_TEXT)
def test_clusters_lose_nothing(text):
    assert "".join(clusters(text)) == text
