"""What fields make of what was typed."""

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from mobility.core.fields import long_text, text


class Typed(Form):
    title = text("Title")
    reason = long_text("Reason")


@pytest.mark.parametrize("between", ["\t", "\r\n", "\n\n- ", "  ", "\u2028", "\u00a0"])
def test_one_line_is_one_line(between: str) -> None:
    form = Typed(MultiDict({"title": f" Clean{between}ports ", "reason": "x"}))
    assert form.validate()
    assert form.title.data == ("Clean - ports" if "-" in between else "Clean ports")


def test_paragraphs_keep_their_lines() -> None:
    form = Typed(MultiDict({"title": "x", "reason": " First.\r\n\r\n- one\n- two\tand a half "}))
    assert form.reason.data == "First.\r\n\r\n- one\n- two\tand a half"
