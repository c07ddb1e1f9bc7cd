"""Speaking to the mail server: one connection for a run, opened when first needed, and what each answer means."""

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from mobility.documents.calendar import REQUEST, method_of
from mobility.notifications.headers import FOLDING, called
from mobility.notifications.models import OutboxMessage
from mobility.notifications.rendering import html_of, one_line

TIMEOUT = 20.0  # seconds, for each answer
OUR_FAULT = {530, 534, 535, 538}  # "sign in first": of the settings, not of the recipient


class ServerUnreachable(Exception):
    """No message can be delivered now; none has been tried."""


@dataclass(frozen=True)
class Outcome:
    """How it went with one message. `permanent`: trying again is of no use."""

    sent: bool
    error: str = ""
    permanent: bool = False


class Server:
    """smtp://user:password@host:port?starttls=1 or smtps://..., used as a context manager."""

    def __init__(self, mail_url: str, mail_from: str) -> None:
        self._url = urlsplit(mail_url)
        self._from = mail_from
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.close()

    def connect(self) -> None:
        """Have a connection that is alive. Raises ServerUnreachable."""
        if self._connection is not None and self._alive():
            return
        self.close()
        try:
            self._connection = self._open()
        except (OSError, smtplib.SMTPException) as error:
            where = f"{self._url.hostname}:{self._url.port or 'default port'}"
            raise ServerUnreachable(f"The mail server {where} cannot be used: {_words(error)}") from error

    def send(self, row: OutboxMessage) -> Outcome:
        """Hand one message over. Never raises: whatever happens is an outcome."""
        assert self._connection is not None  # noqa: S101  (connect() comes first)
        try:
            message = compose(row, self._from)
        except (ValueError, IndexError) as error:
            return Outcome(False, f"This cannot be written as a mail: {error}", permanent=True)
        try:
            self._connection.send_message(message, parseaddr(self._from)[1], [row.address])
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = refused.recipients[row.address]
            return _refusal(code, words)
        except smtplib.SMTPSenderRefused as refused:
            return Outcome(False, _words(refused))  # the sender is a setting of ours: it will be put right
        except smtplib.SMTPResponseException as refused:
            return _refusal(refused.smtp_code, refused.smtp_error)
        except smtplib.SMTPNotSupportedError as error:
            return Outcome(False, _words(error), permanent=True)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self.close()  # what state the conversation is in is unknown
            return Outcome(False, _words(error))
        return Outcome(True)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _alive(self) -> bool:
        assert self._connection is not None  # noqa: S101
        try:
            return self._connection.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _open(self) -> smtplib.SMTP:
        url, own_name = self._url, parseaddr(self._from)[1].rpartition("@")[2]
        settings: dict[str, Any] = {"host": url.hostname or "", "timeout": TIMEOUT, "local_hostname": own_name}
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(port=url.port or 465, context=context, **settings)
        else:
            connection = smtplib.SMTP(port=url.port or 25, **settings)
        try:
            if parse_qs(url.query).get("starttls", ["0"])[-1] == "1":
                connection.starttls(context=ssl.create_default_context())
            if url.username:
                connection.login(unquote(url.username), unquote(url.password or ""))
        except BaseException:
            connection.close()
            raise
        return connection


def compose(row: OutboxMessage, mail_from: str) -> EmailMessage:
    """Text and HTML of one outbox row. Raises ValueError where an address cannot stand in a header."""
    message = EmailMessage(policy=FOLDING)
    message["From"] = mail_from
    message["To"] = called(one_line(row.recipient.name if row.recipient else ""), row.address)
    message["Subject"] = one_line(row.subject_line)
    if row.reply_to:
        message["Reply-To"] = Address(addr_spec=row.reply_to)
    if row.unsubscribe:
        message["List-Unsubscribe"] = f"<{row.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = row.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(row.text, cte="quoted-printable")
    message.add_alternative(html_of(row), subtype="html", cte="quoted-printable")
    if row.calendar:
        _add_calendar(message, row.calendar)
    return message


def _add_calendar(message: EmailMessage, calendar: str) -> None:
    """As one of the alternatives, which Outlook and Google read, with the method that they ask for there; and as a file."""
    message.add_alternative(calendar, subtype="calendar", cte="base64", params={"method": method_of(calendar) or REQUEST})
    message.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")


def _refusal(code: int, words: bytes | str) -> Outcome:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Outcome(False, one_line(f"{code} {text}"), permanent=500 <= code < 600 and code not in OUR_FAULT)


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT:.0f} seconds"
    return one_line(str(error)) or type(error).__name__
