"""A real SMTP server for the tests, which can also misbehave.

with running_smtp_server() as smtp:
    smtp.url                        # for MAIL_URL
    smtp.messages                   # what has arrived, oldest first
    smtp.behave("break off")        # takes the message in, then hangs up before saying 250
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

BEHAVIOURS = {
    "accept": "250 at the end, as it should be",
    "refuse": "550 to the recipient: trying again is of no use",
    "defer": "451 to the recipient: try again later",
    "reject": "554 after DATA",
    "hang": "takes the message in and never answers",
    "break off": "takes the message in and hangs up before 250: the sender cannot know that it arrived",
}


@dataclass(frozen=True)
class Received:
    """One message as the server got it."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    acknowledged: bool

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    def text(self) -> str:
        """The plain part."""
        return self._part("plain")

    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"The message has no {kind} part"
        return part.get_content().replace("\r\n", "\n")


@dataclass
class SmtpServer:
    """What the tests see of the server. `logins` are the accepted user names."""

    host: str = "127.0.0.1"
    port: int = 0
    user: str | None = None
    password: str | None = None
    behaviour: str = "accept"
    messages: list[Received] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def url(self) -> str:
        return f"smtp://{f'{self.user}:{self.password}@' if self.user else ''}{self.host}:{self.port}"

    def behave(self, behaviour: str) -> None:
        """From now on; one of BEHAVIOURS."""
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"{behaviour!r} is none of {', '.join(BEHAVIOURS)}")
        self.behaviour = behaviour

    def to(self, address: str) -> list[Received]:
        """The messages for one recipient."""
        return [received for received in self.messages if address in received.recipients]

    # The hooks aiosmtpd calls

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.user and not session.authenticated:
            return "530 Sign in first"
        if self.behaviour in {"refuse", "defer"}:
            self.refused += 1
            return "550 No such mailbox" if self.behaviour == "refuse" else "451 Try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.behaviour == "reject":
            self.refused += 1
            return "554 Not wanted"
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        acknowledged = self.behaviour == "accept"
        self.messages.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), message, acknowledged))
        if self.behaviour == "hang":
            await asyncio.sleep(3600)
        if self.behaviour == "break off" and server.transport is not None:
            server.transport.abort()
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        right = (given.login.decode(), given.password.decode()) == (self.user, self.password)
        if right:
            self.logins.append(given.login.decode())
        return AuthResult(success=right)


@contextmanager
def running_smtp_server(user: str | None = None, password: str | None = None) -> Iterator[SmtpServer]:
    """Listens on a free port of 127.0.0.1; with `user` it takes mail after a login only."""
    smtp = SmtpServer(port=free_port(), user=user, password=password)
    login = {"authenticator": smtp.authenticate, "auth_require_tls": False} if user else {}
    controller = Controller(smtp, hostname=smtp.host, port=smtp.port, **login)
    controller.start()
    try:
        yield smtp
    finally:
        controller.stop()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
