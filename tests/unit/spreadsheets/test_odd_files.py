"""Files that are nearly a spreadsheet: read as they are meant, or refused in words that help."""

import pytest

from mobility.core.errors import Refusal
from mobility.spreadsheets import reading

PAGE = "<html><body><table><tr><td>Name</td><td>Kind</td></tr></table></body></html>"


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        reading.read(name, content)
    return refused.value.message


@pytest.mark.parametrize("name", ["table.xls", "table.xlsx", "table.csv"])
@pytest.mark.parametrize("page", [PAGE, f"\n <!DOCTYPE html>{PAGE}", f'<?xml version="1.0"?>{PAGE}', PAGE.upper()])
def test_a_web_page_is_no_spreadsheet(name: str, page: str) -> None:
    """Many a program exports a table as a page, and calls it .xls."""
    assert refusal(name, page.encode()).startswith("This is a web page with the name of a spreadsheet.")


def test_a_byte_of_nothing_makes_no_other_alphabet_of_a_file() -> None:
    """An even number of bytes: it could be read as UTF-16, in Chinese."""
    assert "letters in this file" in refusal("organisations.csv", b"Name,Kind\nA\0B,cl\n")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("names", ["Mur Cluster,cluster", "Žižkov,klaster", "Αθήνα,σύμπλεγμα"])
def test_what_is_utf_16_is_read_as_such_with_its_mark_or_without(codec: str, names: str) -> None:
    found = reading.read("organisations.csv", f"Name,Kind\r\n{names}\r\n".encode(codec))
    assert found.sheets[0].rows == [(2, names.split(","))]
    assert "UTF-16" in found.read_as
