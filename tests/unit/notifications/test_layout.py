"""A message is written once: its body in pieces, as plain text, and what HTML is made of."""

from mobility.notifications.layout import Piece, Row, as_text, pieces_of

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
