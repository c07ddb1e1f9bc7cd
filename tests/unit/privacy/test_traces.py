"""How a name is found in words, and what stands in its place."""

from typing import Any

import pytest

from mobility.privacy.rules import GONE, Ordinary, Traces, is_common, phones_in

ANA = Traces(4711, {"Ana Kovač"}, {"ana.kovac@example.org"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Ana Kovač signed", "Person 4711 signed"),
        ("ana  kovac, aveiro", "Person 4711, aveiro"),
        ("ANA KOVAC", "Person 4711"),
        ("Kovač, Ana", "Person 4711"),
        ("Write to ana.kovac@example.org, Ana is away", "Write to person-4711@erased.invalid, Person 4711 is away"),
        ("mailto:Ana.Kovac@Example.org?x", "mailto:person-4711@erased.invalid?x"),
        ("Ana Kovač, +43 316 123456, since 01.03.2027", f"Person 4711, {GONE}, since 01.03.2027"),
        ("Ana Kovačić", "Ana Kovačić"),
        ("Banana Kovač", "Banana Kovač"),
        ("Another Ana, +43 316 123456", "Another Ana, +43 316 123456"),
        ("", ""),
        ({"Ana Kovač": ["Ana Kovač", 3, None]}, {"Person 4711": ["Person 4711", 3, None]}),
    ],
)
def test_replaced(before: Any, after: Any) -> None:
    assert ANA.replaced(before) == after


def test_what_a_page_made_of_a_name() -> None:
    traces = Traces(7, {"Mary O'Neill"}, set())
    assert traces.replaced("<p>Mary O&#39;Neill</p>") == "<p>Person 7</p>"
    assert traces.replaced("<p>Mary O&#x27;Neill</p>") == "<p>Person 7</p>"


def test_a_number_that_stood_beside_the_name_is_found_everywhere() -> None:
    numbers = ANA.numbers_in({"note": "Ana Kovač: 0043 316 123456"})
    assert numbers == {"0043 316 123456"}
    known = Traces(4711, ANA.names, ANA.addresses, numbers)
    assert known.replaced("Call 0043 316 123456") == f"Call {GONE}"


@pytest.mark.parametrize("text", ["2027-03-01", "01.03.2027", "1,017.00", "12/2027", "+4", "AT611904300234573201"])
def test_no_number(text: str) -> None:
    assert phones_in(text) == []


@pytest.mark.parametrize(
    "address", ["travel_days@example.org", "2027-03-01@example.org", "10000@example.org", "k.ok@example.org"]
)
def test_half_an_address_means_nobody_in_the_words_of_others(address: str) -> None:
    """Whoever registers with such an address would take days, amounts and keys out of everybody's books."""
    local = address.partition("@")[0]
    assert Traces(7, set(), {address}).replaced({local: [local, f"on {local}"]}) == {local: [local, f"on {local}"]}


def test_a_name_that_is_a_word_of_ours_is_not_looked_for_elsewhere() -> None:
    known = Traces(7, set(), {"x@example.org"}, common={"daily", "Cher"})
    lines = {"kind": "daily", "Cher": "Cher and the others"}
    assert known.replaced(lines) == lines
    assert known.replaced(lines, own=True) == {"kind": "daily", "Cher": "Person 7 and the others"}
    assert known.replaced("Cher <x@example.org>") == "Person 7 <person-7@erased.invalid>"


@pytest.mark.parametrize(
    ("name", "common"),
    [("voucher", True), ("Cher", True), ("of the", True), ("Anna Müller", True), ("Ana Kovač", False), ("王 小明", False)],
)
def test_common(name: str, common: bool) -> None:
    assert is_common(name, {"anna muller"}) is common


WILL = Traces(7, (), (), ordinary={"Will Young"})


@pytest.mark.parametrize(
    ("text", "in_a_case"),
    [
        ("Will Young signed", "Person 7 signed"),
        ("WILL YOUNG", "Person 7"),
        ("Young, Will", "Person 7"),
        ("Will  Young: +43 316 123456", f"Person 7: {GONE}"),
        ("Will Young said that he will help the young", "Person 7 said that he will help the young"),
        ("This will young people like", "This will young people like"),
        ("Will Younger come?", "Will Younger come?"),
        ("Ask Will", "Ask Will"),
    ],
)
def test_a_name_of_ordinary_words(text: str, in_a_case: str) -> None:
    assert WILL.replaced(text, case=True) == WILL.replaced(text, own=True) == in_a_case
    assert WILL.replaced(text) == text


def ordinary(name: str, *texts: str) -> bool:
    words = Ordinary({name})
    for each in texts:
        words.look(each)
    return words.names == {name}


def test_what_others_write_in_small_letters_is_a_word() -> None:
    said = ["They will come.", "As they will.", "will do", "a young firm", "the young", "So young!"]
    assert ordinary("Will Young", *said)
    assert not ordinary("Will Young", *said[:5])  # twice is not often enough
    assert not ordinary("Will Kovač", *said)
    assert not ordinary("Will van Young", *said)


def test_whoever_writes_a_name_without_capitals_makes_no_words_of_it() -> None:
    assert not ordinary("Ana Kovač", *["ask ana kovač", "ana.kovač@example.org", "ana@kovač.example", "kovač/ana"] * 5)


def test_a_script_without_capitals_has_no_small_letters() -> None:
    assert not ordinary("李 明", *["李", "明"] * 5)
