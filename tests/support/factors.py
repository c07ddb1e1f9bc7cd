"""Signing in step by step, and a telephone whose app shows codes."""

import re
from dataclasses import dataclass
from typing import Any

from pyotp import TOTP

from mobility.core import clock
from mobility.people.models import User

PASSWORD = "blue kettle on a hill"


@dataclass
class Telephone:
    """An authenticator app, set up on the page as people do it."""

    secret: str
    codes: list[str]

    def shows(self, steps: int = 0) -> str:
        return TOTP(self.secret).at(clock.utc_now(), counter_offset=steps)


def set_up_app(client: Any, name: str = "My telephone", **more: Any) -> Telephone:
    page = client.get("/account/security/apps/new").text
    sealed = re.search(r'name="sealed" type="hidden" value="([^"]+)"', page)[1]
    secret = re.search(r'class="app-secret">([^<]+)<', page)[1].replace(" ", "")
    code = TOTP(secret).at(clock.utc_now())
    answer = client.post("/account/security/apps/new", data={"sealed": sealed, "name": name, "code": code}, **more)
    assert answer.status_code in {200, 303}, answer.text
    return Telephone(secret, re.findall(r"<li><code>([^<]+)</code>", answer.text))


def enter(client: Any, user: User, password: str = PASSWORD, next: str | None = None) -> Any:
    """The first step at the sign-in page."""
    return client.post("/sign-in", query_string={"next": next} if next else {}, data={"email": user.email, "password": password})


def is_signed_in(client: Any) -> bool:
    return bool(client.get("/account").status_code == 200)
