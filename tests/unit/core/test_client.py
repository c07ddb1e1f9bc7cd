"""The tests' own client notices a form that nobody could send."""

import pytest
from flask import Flask

from tests.support.client import TOKEN, assert_forms_have_their_token

HIDDEN = f'<input type="hidden" name="{TOKEN}" value="...">'


@pytest.mark.parametrize(
    ("page", "fine"),
    [
        (f'<form method="post">{HIDDEN}</form>', True),
        ('<form method="get"></form>', True),
        ('<form method="post"></form>', False),
        (f'<form method="post">{HIDDEN}</form><form method="post"></form>', False),
    ],
)
def test_a_form_without_its_token_is_noticed(page: str, *, fine: bool) -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: page)
    response = app.test_client().get("/")
    if fine:
        assert_forms_have_their_token(response)
    else:
        with pytest.raises(AssertionError, match="forms to send"):
            assert_forms_have_their_token(response)
