"""A message is written once: its body in pieces, as plain text, and what HTML is made of."""

from mobility.notifications.layout import Piece, Row, as_html, as_text, isolated, pieces_of

BODY = """
Please decide by 3 March 2027.

Lump sum\t€780.00
  5 working days
Total\t€780.00

Ana asks:
- for the train
- for the hotel

The end.
"""


def test_paragraphs_tables_and_lists() -> None:
    assert pieces_of(BODY) == [
        Piece("words", ["Please decide by 3 March 2027."]),
        Piece("table", rows=[Row("Lump sum", "€780.00", ["5 working days"]), Row("Total", "€780.00")]),
        Piece("words", ["Ana asks:"]),
        Piece("list", ["for the train", "for the hotel"]),
        Piece("words", ["The end."]),
    ]


def test_as_plain_text_amounts_stand_below_each_other_on_the_right() -> None:
    _, table, *_ = as_text(pieces_of(BODY)).split("\n\n")
    assert table == (
        "Lump sum                              €780.00\n"
        "  5 working days\n"
        "Total                                 €780.00"
    )  # fmt: skip


def test_what_somebody_typed_is_kept_line_by_line() -> None:
    typed = "First line\nsecond line\n\n\n\nafter some empty lines"
    assert as_text(pieces_of(typed)) == "First line\nsecond line\n\nafter some empty lines"


def test_a_browser_s_ends_of_lines_leave_nothing_behind() -> None:
    typed = "Ana asks:\r\n- for the train\r\n- for the hotel\r\n\r\nThe end.\r\nRight."
    assert as_text(pieces_of(typed)) == "Ana asks:\n\n- for the train\n- for the hotel\n\nThe end.\nRight."


def test_a_note_without_a_row_and_tabs_too_many_lose_nothing() -> None:
    assert pieces_of("  indented first\nleft\tright\tmore") == [
        Piece("table", rows=[Row("indented first", ""), Row("left", "right more")])
    ]


def test_an_empty_body_has_no_pieces() -> None:
    assert pieces_of(" \n\t\n ") == []


def test_a_name_from_right_to_left_keeps_its_direction_to_itself() -> None:
    """Without it "شبكة الابتكار, 3 March" is shown as "3 ,شبكة الابتكار March" (Unicode's annex 9, rules W2 and N1)."""
    name = isolated("شبكة الابتكار")
    assert name == "\u2068شبكة الابتكار\u2069"
    assert as_html(f"Answer {name}, 3 March & no later") == "Answer <bdi>شبكة الابتكار</bdi>, 3 March &amp; no later"
    assert isolated(name) == name, "a sentence is not isolated once more"
    assert isolated("Župan & Co.") == "Župan & Co."
    assert isolated(12) == 12


def test_a_line_that_somebody_wrote_from_right_to_left_begins_on_the_right() -> None:
    """The paragraph says dir="auto", which looks for the first letter outside of bdi."""
    assert as_html(isolated("نأسف لذلك <b>")) == "نأسف لذلك &lt;b&gt;"


def test_each_line_of_what_somebody_wrote_is_one_of_its_own_and_lists_stay_lists() -> None:
    typed = isolated("أسئلة:\n- الفندق\n- القطار")
    assert [piece.kind for piece in pieces_of(typed)] == ["words", "list"]
    assert [as_html(line) for line in pieces_of(typed)[1].lines] == ["الفندق", "القطار"]
