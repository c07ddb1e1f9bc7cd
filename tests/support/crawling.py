"""Everybody wanders through the site at once, by links, guessed addresses and forms, filled in well, badly or not at all.

Whatever is asked for, the answer is a page, a redirect or a refusal, and the log says nothing from WARNING on.
"""

import logging
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from tests.support.forms import values_in
from tests.support.walking import FORM, Form, Seen, forms_on, kind_of, links_on

IDS = ("0", "1", "2", "7", "2147483647", "2147483648", "9223372036854775808", "-1", "abc", "1.5", "%00", "1%0a")
NASTY = (
    "",
    " ",
    "0",
    "-1",
    "1e400",
    "NaN",
    "2027-02-30",
    "31-31-31",
    "\x00",
    "\u202e",
    "a\r\nb",
    "<b>x</b>",
    "'\"--",
    "é" * 4000,
)
QUERIES = ("page=999999999999", "page=-1", "q=%00", "sort=zzz&state=zzz&show=zzz", "from=31-31-31&to=x", "q=%F0%9F%A6%86")
KEPT = frozenset({"csrf_token", "version", "seen", "form_key"})
MOST_KNOWN = 400  # addresses of a person
LEAVING = ("/sign-out", "/sign-in", "/account/close")  # seldom: whoever has left sees little
OFTEN = 40  # as often one kind of page is asked for before others are preferred


UPLOAD = re.compile(r'<input\b(?=[^>]*type="file")[^>]*\bname="([^"]*)"')
FILES = (
    ("a.pdf", b"%PDF-1.4 and nothing more"),
    ("\u202etxt.exe", b"MZ\0"),
    ("b.xlsx", b"PK\3\4"),
    ("c.csv", b"a;b\n1;2\n"),
    ("", b""),
)


class Loud(logging.Handler):
    """Keeps what is at least a warning."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        formatter = logging.Formatter()
        trace = formatter.formatException(record.exc_info) if record.exc_info else ""
        self.lines.append(f"{record.levelname} {record.getMessage()}\n{trace}".strip())


@contextmanager
def listening() -> Iterator[Loud]:
    loud = Loud()
    logging.getLogger().addHandler(loud)
    try:
        yield loud
    finally:
        logging.getLogger().removeHandler(loud)


@dataclass
class Wanderer:
    """One person at one browser. `person_id` None: nobody is signed in."""

    browser: FlaskClient
    person_id: int | None = None
    known: dict[str, None] = field(default_factory=lambda: {"/": None})
    forms: list[tuple[Form, dict[str, Any], list[str]]] = field(default_factory=list)
    token: str = ""  # of the page that was seen last

    def enter(self) -> None:
        """By the demonstration's own sign-in page."""
        if self.person_id is not None:
            token = values_in(self.browser.get("/sign-in").text).get("csrf_token", "")
            self.browser.post("/sign-in/demo", data={"person": str(self.person_id), "csrf_token": token})


class Crawl:
    """`faults`: what was answered with 500 or more, or made a warning in the log, each kind once, with all that repeats it."""

    def __init__(self, app: Flask, people: list[int], seed: int) -> None:
        self.chance = random.Random(seed)
        self.wanderers = [Wanderer(app.test_client(), id) for id in (None, *people)]
        self.asked, self.statuses = Counter[str](), Counter[str]()
        self.faults: dict[str, str] = {}

    def run(self, seconds: float, share: float = 1.0) -> None:
        """`share` of one processor's time is taken at most."""
        for each in self.wanderers:
            each.enter()
        began, worked = time.monotonic(), time.process_time()
        with listening() as loud:
            while time.monotonic() < began + seconds:
                time.sleep(max(0.0, (time.process_time() - worked) / share - (time.monotonic() - began)))
                wanderer = self.chance.choice(self.wanderers)
                send = self._post if wanderer.forms and self.chance.random() < 0.4 else self._get
                self._look(wanderer, loud, *send(wanderer))

    # What is asked for

    def _get(self, who: Wanderer) -> tuple[str, str, dict[str, Any] | None]:
        address = self._seldom(list(who.known))
        if self.chance.random() < 0.3:
            address = self._with_other_ids(address)
        if self.chance.random() < 0.1:
            address = f"{address.split('?')[0]}?{self.chance.choice(QUERIES)}"
        return "GET", address, None

    def _post(self, who: Wanderer) -> tuple[str, str, dict[str, Any]]:
        form, values, uploads = self.chance.choice(who.forms)
        values = values | {"csrf_token": who.token}
        address = self._with_other_ids(form.address) if self.chance.random() < 0.2 else form.address
        given = self._filled(form, values)
        for name in uploads:
            file, content = self.chance.choice(FILES)
            given[name] = (BytesIO(content), file)
        return "POST", address, given

    def _seldom(self, addresses: list[str]) -> str:
        """One of a kind that was seldom asked for, if the first choice was not."""
        first, second = self.chance.choice(addresses), self.chance.choice(addresses)
        return second if self.asked[kind_of(first)] > OFTEN else first

    def _with_other_ids(self, address: str) -> str:
        path, mark, query = address.partition("?")
        parts = [self._other() if part.isdigit() and self.chance.random() < 0.7 else part for part in path.split("/")]
        return f"{'/'.join(parts)}{mark}{query}"

    def _other(self) -> str:
        return self.chance.choice(IDS) if self.chance.random() < 0.5 else str(self.chance.randint(1, 120))

    def _filled(self, form: Form, values: dict[str, Any]) -> dict[str, Any]:
        """As the page had it, or with some fields of what nobody should type; the token stays, mostly."""
        how = self.chance.random()
        given = {name: values.get(name, "") for name in form.names}
        for name in given:
            if name not in KEPT and self.chance.random() < (0.0 if how < 0.3 else 0.2 if how < 0.7 else 0.9):
                given[name] = self.chance.choice(NASTY)
        if how > 0.98:
            given["csrf_token"] = "forged"
        return given

    # What is answered

    def _look(self, who: Wanderer, loud: Loud, method: str, address: str, given: dict[str, Any] | None) -> None:
        loud.lines.clear()
        answer = who.browser.open(address, method=method, data=given)
        self.asked[kind_of(address)] += 1
        self.statuses[f"{method} {answer.status_code}"] += 1
        if answer.status_code >= 500 or loud.lines:
            kind = f"{method} {kind_of(address)} {answer.status_code}"
            about = f"{kind} as person {who.person_id}: {address} {given or ''}"
            self.faults.setdefault(kind, "\n".join([about, *loud.lines]))
        self._learn(who, address, answer)

    def _learn(self, who: Wanderer, address: str, answer: Any) -> None:
        if answer.status_code in (301, 302, 303) and answer.location:
            there = urlsplit(answer.location)
            if there.path.startswith("/sign-in") and who.person_id is not None:
                who.enter()
            elif not there.netloc:
                who.known.setdefault(answer.location)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            return
        seen = Seen(address, answer.status_code, answer.text)
        for link in links_on(answer.text, files=True):
            who.known.setdefault(link)
        whole = [f"<main>{each[0]}</main>" for each in FORM.finditer(answer.text)]
        found = [(form, values_in(page), UPLOAD.findall(page)) for form, page in zip(forms_on(seen), whole, strict=True)]
        who.token = next((values["csrf_token"] for _, values, _ in found if "csrf_token" in values), who.token)
        often = [each for each in found if not each[0].address.startswith(LEAVING) or self.chance.random() < 0.01]
        who.forms.extend(often)
        del who.forms[:-60]
        while len(who.known) > MOST_KNOWN:
            del who.known[self.chance.choice(list(who.known))]
        who.known.setdefault("/")

    def told(self) -> str:
        kinds = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        return f"{sum(self.statuses.values())} requests to {len(self.asked)} kinds of address: {kinds}; {len(self.faults)} faults"
