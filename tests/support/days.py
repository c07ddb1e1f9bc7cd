"""Days that go by one by one: on each the jobs run and mail reaches a mail server; people sit at a web server of their day."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from flask import Flask

from mobility import jobs
from mobility.core import clock
from mobility.core.database import transaction
from tests.support.browser import Window
from tests.support.followups import FOLLOW_UP
from tests.support.processes import LiveServer, running_server
from tests.support.smtp import SmtpServer, free_port

JOBS = ("lapse-vouchers", "start-exchanges", *FOLLOW_UP, "deliver-outbox")  # what a day brings; each is in the timetable
Windows = Callable[..., Window]
Open = Callable[[LiveServer], Iterator[Windows]]


@dataclass(frozen=True)
class Letter:
    """A mail as it has arrived."""

    day: date
    to: str
    subject: str
    text: str

    @property
    def links(self) -> list[str]:
        return re.findall(r"https?://\S+", self.text)

    @property
    def answers(self) -> list[str]:
        """The addresses of personal links."""
        return [each for each in self.links if "/answers/" in each]


@dataclass
class Days:
    """`app` sends its mail to `mail`, with links to the web servers of `sitting`."""

    url: str
    app: Flask
    mail: SmtpServer
    opening: Open
    port: str = field(default_factory=lambda: str(free_port()))
    letters: list[Letter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app.config["MAIL_URL"], self.app.config["BASE_URL"] = self.mail.url, f"http://127.0.0.1:{self.port}"

    @contextmanager
    def arranging(self) -> Iterator[None]:
        with self.app.app_context(), transaction():
            yield

    def until(self, day: date) -> None:
        """The mornings up to that of `day`."""
        while clock.today() < day:
            clock.move(days=1)
            self.morning()

    def morning(self) -> None:
        """The day's jobs; the last of them sends the mail."""
        for name in JOBS:
            self._run(name)
        for each in self.mail.messages[len(self.letters) :]:
            self.letters.append(Letter(clock.today(), each.recipients[0], each.subject, each.text()))

    def _run(self, name: str) -> None:
        with self.app.app_context():
            report = jobs.run(name)
        assert not report.failed, (clock.today(), name, str(report))

    @contextmanager
    def sitting(self) -> Iterator[Windows]:
        """Windows on a web server to which it is today."""
        with running_server(self.url, port=self.port, DEMO="1", WEB_CONCURRENCY="2") as server:
            yield from self.opening(server)

    def letter(self, to: str) -> Letter:
        """The newest with a personal link."""
        return [each for each in self.letters if each.to == to and each.answers][-1]
