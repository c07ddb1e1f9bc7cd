"""What people type: cleaned, compared and searched for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.core.addresses import deliverable
from mobility.core.names import (
    ADDRESS,
    DOMAIN,
    INVISIBLE,
    NOTHING,
    OURS,
    name_key,
    name_problem,
    one_line,
    person_name_problem,
    search_choices,
    search_words,
    searchable,
    sent,
)


@pytest.mark.parametrize(
    "same",
    [
        "ÖSTERREICH AG",
        "österreich  ag",
        "Österreich\u00a0AG",
        "O\u0308sterreich AG",
        "Österreich\u200b AG ",
        "Öster\u00adreich\nAG",
    ],
)
def test_a_reader_takes_them_for_one(same: str) -> None:
    assert name_key(same) == name_key("Österreich AG")


def test_a_reader_tells_them_apart() -> None:
    names = ["Österreich AG", "Osterreich AG", "Österreich", "Österreich A G", "Österreich-AG"]
    assert len({name_key(each) for each in names}) == len(names)
    assert name_key("L’Aquila – Nord") == name_key("L'Aquila - nord")
    assert name_key("STRASSE") == name_key("Straße")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Ana Kovač", None),
        ("Søren O’Neill", None),
        ("عائشة", None),
        ("Ελλάδα", None),
        ("Mobility Centre", None),
        ("3", None),
        ("a\u202eb", INVISIBLE),
        ("a\u2067b", INVISIBLE),
        ("a\u200bb", INVISIBLE),
        ("\u3164", INVISIBLE),
        ("\u2800", INVISIBLE),
        ("\ue000", INVISIBLE),
        ("Sir, your payment waits: https://evil.example/pay", ADDRESS),
        ("HTTPS:/evil", ADDRESS),
        ("ftp://x", ADDRESS),
        ("pay at www.evil.example", ADDRESS),
        ("ＷＷＷ．evil．example", ADDRESS),
        ("evil.example/pay", ADDRESS),
        ("evil.example:8080", ADDRESS),
        ("evil。example/pay", ADDRESS),
        ("ana@example.org", ADDRESS),
        ("ana＠example.org", ADDRESS),
        ("mailto:ana", ADDRESS),
        ("automotive.saarland", None),
        ("Mur Cluster: food, wood", None),
        ("R/D/I e.V.", None),
        ("A/S Nord", None),
        ("...", NOTHING),
        ("\u0301", NOTHING),
        ("Mobility", OURS),
        ("ＭＯＢＩＬＩＴＹ", OURS),
        ("Mobílity.", OURS),
        ("М\u043ebility", OURS),  # Cyrillic letters
    ],
)
def test_what_cannot_be_a_name(name: str, problem: str | None) -> None:
    assert name_problem(name) == problem


def test_what_a_browser_sends() -> None:
    assert sent("one\r\ntwo\rthree\x00\x1b\tfour\x85") == "one\ntwo\nthree\tfour"
    assert sent("e\u0301") == "é"
    assert one_line(" Ana \u00a0\n Kovač\u2003") == "Ana Kovač"


@given(st.text())
def test_cleaning_and_comparing_come_to_rest(text: str) -> None:
    assert sent(sent(text)) == sent(text)
    assert name_key(name_key(text)) == name_key(text)
    assert name_key(one_line(sent(text))) == name_key(sent(text))
    assert searchable(searchable(text)) == searchable(text)


def test_searching_knows_no_capitals_accents_and_typographic_marks() -> None:
    assert searchable("Župan  FALCÃO d’Or Łódź") == "zupan falcao d'or lodz"
    assert searchable("ΆΛΦΑ Ђорђе Straße") == searchable("αλφα ђорђе STRASSE")
    assert search_words("Ana ana\u200b Bo") == ["ana", "bo"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" Ana.Kovac@EXAMPLE.org ", "ana.kovac@example.org"), ("info@xn--mnchen-3ya.de", "info@xn--mnchen-3ya.de")],
)
def test_an_address_is_stored_as_the_validator_has_it(typed: str, stored: str) -> None:
    assert deliverable(typed) == stored


@pytest.mark.parametrize(
    "typed", ["info@münchen.de", "jürgen@example.org", "a@b", "a b@example.org", "a@localhost", "", "a" * 400]
)
def test_what_no_mail_reaches(typed: str) -> None:
    with pytest.raises(ValueError, match=r"Mail cannot be delivered|Enter an e-mail address"):
        deliverable(typed)


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("  Kraków\tCLUSTER ", "krakow cluster"),
        ("Łódź Århus Straße Ærø", "lodz arhus strasse aero"),
        ("ﬁnance", "finance"),
        ("Çankırı", "cankiri"),
    ],
)
def test_accents_and_capitals_do_not_matter(typed: str, searched: str) -> None:
    assert searchable(typed) == searched


def test_a_search_looks_for_its_first_eight_words() -> None:
    assert search_words("a B a c d e f g h i j") == ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert search_words(" ") == []


def test_commas_part_what_a_theme_may_be_about() -> None:
    assert search_choices("internationalisation, digital hubs, funding …") == [
        ["internationalisation"],
        ["digital", "hubs"],
        ["funding"],
    ]
    assert search_choices(" , …") == []


@pytest.mark.parametrize(
    "name", ["J.R.R. Tolkien", "Dr.med. Ana Kovač", "Dipl.Ing. Moser", "St. John", "Ana M.", "O’Neill-Brown, Jr.", "张伟"]
)
def test_people_may_be_called_so(name: str) -> None:
    assert person_name_problem(name) is None


@pytest.mark.parametrize("name", ["Your payment waits: evil.com", "evil．com", "éa.example", "x.xn--p1ai", "St.John"])
def test_nobody_is_called_like_a_domain(name: str) -> None:
    assert person_name_problem(name) == DOMAIN
