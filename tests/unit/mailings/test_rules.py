"""Fields in a text: what is wrong with them, what they become, and one letter for several rows."""

from datetime import UTC, date, datetime
from decimal import Decimal
from time import process_time

import pytest

from mobility.lists.columns import Kind, Line, Said
from mobility.mailings.rules import Person, fill, problems, together, told, used, written_to

FIELDS = {"theme": "Theme", "first_day": "First day", "amount": "Amount", "due": "Due"}
ANA = Person(7, "Ana Zupan", "ana@example.org", "en_GB", active=True)


def line(key: str = "1", **says: Said) -> Line:
    return Line(key, 7, (("programme", 1),), {"theme": Said("Fees"), "due": Said(None, Kind.DAY)} | says)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dear {name}, {theme}", []),
        ("Dear { Name }, {First day}", []),
        ("{{a}} costs nothing", []),
        ("", []),
        ("Dear {nmae}", ["This list has no field “{nmae}”. Do you mean {name}?"]),
        ("{frist_day}", ["Do you mean {first_day}?"]),
        ("{colour}", ["no field “{colour}”. It has {name}, {theme}, {first_day}, {amount}, {due}."]),
        ("{}", ["“{}” names no field. This list has {name}"]),
        ("{ }", ["names no field"]),
        ("Dear {name", ["A “{” stands alone."]),
        ("a } b", ["A “}” stands alone."]),
        ("{name}}", ["A “}” stands alone."]),
        ("{a\nb}", ["A “{” stands alone.", "A “}” stands alone."]),
    ],
)
def test_problems_name_what_would_be_right(text: str, found: list[str]) -> None:
    said = problems(text, FIELDS)
    assert len(said) == len(found), said
    assert all(words in each for words, each in zip(found, said, strict=True)), said


def test_many_wrong_fields_take_no_time_and_few_words() -> None:
    began = process_time()
    assert len(problems("{x}" * 1600 + "{" * 200, FIELDS)) <= 5
    assert problems("".join(f"{{field{number}}}" for number in range(400)), FIELDS)
    assert process_time() - began < 0.5


def test_a_value_is_not_looked_through_again() -> None:
    assert fill("{name} and {{theme}}: {theme}", {"name": "{theme}", "theme": "}}{name}"}) == "{theme} and {theme}: }}{name}"


def test_used_names_each_once() -> None:
    assert used("{name} {Due}", "{due} {{theme}}") == ["name", "due"]


@pytest.mark.parametrize(
    ("said", "locale", "words"),
    [
        (Said(date(2027, 3, 3), Kind.DAY), "en_GB", "3 March 2027"),
        (Said(Decimal("1017.00"), Kind.MONEY, "EUR"), "en_GB", "€1,017.00"),
        (Said(Decimal("1017.00"), Kind.MONEY, "EUR"), "de_AT", "€ 1.017,00"),
        (Said(None, Kind.MONEY, "EUR"), "en_GB", ""),
        (Said(datetime(2027, 3, 3, 14, 5, tzinfo=UTC).replace(tzinfo=None), Kind.INSTANT), "en_GB", "3 March 2027, 14:05 UTC"),
        (Said("A title\r\nBcc: all@example.org"), "en_GB", "A title Bcc: all@example.org"),
        (Said(0, Kind.NUMBER), "en_GB", "0"),
        (Said("", Kind.TEXT), "en_GB", ""),
    ],
)
def test_a_value_in_the_reader_s_notation_and_on_one_line(said: Said, locale: str, words: str) -> None:
    assert told(said, locale).replace("\xa0", " ") == words


def test_rows_that_agree_are_said_once_and_others_in_their_order() -> None:
    assert together(["A", "A"]) == "A"
    assert together(["C", "A", "C"]) == "C, A and C"  # the first of each field belong together
    assert together(["Mur, Graz", "Ria"]) == "Mur, Graz and Ria"
    assert together(["A", "Mur, Graz", "Ria"]) == "A; Mur, Graz and Ria"
    assert together(["A", ""]) == "A and –"
    assert together([]) == ""


def test_one_letter_for_two_rows_and_which_fields_are_empty() -> None:
    rows = [line("1", due=Said(date(2027, 3, 3), Kind.DAY)), line("2", theme=Said("Labs"))]
    letter = written_to(ANA, rows, "{theme}\nby {due}", "Dear {name}: {theme}.", "theme")
    assert letter.subject_line == "Fees and Labs by 3 March 2027 and –"
    assert letter.text == "Dear Ana Zupan: Fees and Labs."
    assert (letter.about, letter.empty) == ("Fees; Labs", ["due"])


def test_the_name_of_whoever_reads_it_is_one_line() -> None:
    person = Person(7, "Ana\r\nBcc: all@example.org", "ana@example.org", "en_GB", active=True)
    assert written_to(person, [line()], "{name}", "{name}", "theme").subject_line == "Ana Bcc: all@example.org"
