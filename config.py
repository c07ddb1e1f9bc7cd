"""Settings, read from the environment once at the start. `mobility/` never imports this file: it is handed the result.

DATABASE_URL        sqlite:///... or postgresql://...             instance/mobility.db
SECRET_KEY          signs sessions and mailed links               made once, kept in instance/secret_key
SECRET_KEY_FALLBACKS   earlier keys that still verify, by commas  none
SECURITY_CONTACT    who is told of a weakness, for security.txt: mailto:... or https://...    mailto:security@HOST OF BASE_URL
BASE_URL            how people reach the site, for links in mail  http://HOST:PORT
TRUSTED_HOSTS       names the site answers to, by commas          the host of BASE_URL, localhost; in demo mode any
PROXY_HOPS          reverse proxies in front                      0
MAIL_URL            smtp://user:password@host:587?starttls=1 or smtps://...    none: mail stays in the outbox
MAIL_FROM           sender of all mail                            Mobility <no-reply@HOST OF BASE_URL>
FILES_URL           where files are kept: file:///var/lib/mobility/files, or s3://bucket/prefix?endpoint_url=https://...
                    with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY    instance/files
AUDIT_HEADS         where the signed heads of the audit log are kept, like FILES_URL; best out of this machine's reach
                    FILES_URL/audit-heads
AUDIT_KEY           signs these heads    derived from SECRET_KEY
REGISTRATION        open: whoever shows that an address is theirs may register and join; invitation: people are invited    open
ORGANISATIONS_CHECKED_BY    who looks at new organisations: owners of the programme they name, or administrator    owners
DEMO                1 lists demo people at the sign-in page: everybody can be any of them    0
DEMO_IN_PUBLIC      1 says that this is really wanted at an https:// address    0
OIDC_PROVIDERS      where people may sign in, too, by commas: short names such as eulogin    none; for each of them:
OIDC_EULOGIN_NAME, _ISSUER, _CLIENT_ID, _CLIENT_SECRET    what people read; https://...; what the provider gave you
OIDC_EULOGIN_ADDRESSES_ARE_VERIFIED    1 if every address it names is its owner's, and it does not say so    0
METRICS_TOKEN       who sends it may read /metrics                none: there is no such page
SENTRY_DSN          a Sentry-compatible server that is told of faults; needs requirements-sentry.txt    none
BACKUP_DAYS         after how many days without a proved backup administrators are told; 0: never    2, in demo mode 0
LOG_FORMAT          how a line of the log looks: text or json     text
LOG_LEVEL           from which level on lines are written: debug, info, warning, error    info
DATABASE_TIMEOUT    seconds that a page waits for the database    15
DATABASE_POOL_SIZE  connections each web process keeps open       8
"""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from zxcvbn import zxcvbn

ROOT = Path(__file__).resolve().parent
INSTANCE = ROOT / "instance"
MEBIBYTE = 1024 * 1024


class InvalidSettings(Exception):
    """Some settings cannot be used. The message has one line for each, saying what would be right; never a password."""


class Fixed:
    """What no environment changes."""

    BOOTSTRAP_SERVE_LOCAL = True
    MAX_CONTENT_LENGTH = 12 * MEBIBYTE
    MAX_FORM_MEMORY_SIZE = 500_000
    MAX_FORM_PARTS = 1000
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"


def from_env(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All settings, ready for `create_app`. Raises `InvalidSettings` naming everything that is wrong at once."""
    reader = Reader(environ)
    base = reader.base_url()
    host = base.hostname or "localhost"
    database = reader.database_url()
    demo = reader.demo(base)
    domain = "localhost" if _is_address(host) else host
    secure = base.scheme == "https"
    settings = {name: value for name, value in vars(Fixed).items() if name.isupper()} | {
        "SECRET_KEY": reader.secret_key(),
        "SECRET_KEY_FALLBACKS": reader.names("SECRET_KEY_FALLBACKS"),
        "SECURITY_CONTACT": reader.security_contact(default=f"mailto:security@{domain}"),
        "SQLALCHEMY_DATABASE_URI": database,
        "DATABASE_TIMEOUT": (patience := reader.number("DATABASE_TIMEOUT", 15, 1, 600)),
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(database, reader.number("DATABASE_POOL_SIZE", 8, 1, 100), patience),
        "MAIL_URL": reader.mail_url(),
        "MAIL_FROM": reader.mail_from(default=f"Mobility <no-reply@{domain}>"),
        "FILES_URL": (files := reader.files_url()),
        "AUDIT_HEADS": reader.audit_heads(files),
        "AUDIT_KEY": reader.audit_key(),
        "BASE_URL": base.geturl(),
        "TRUSTED_HOSTS": [name.lower() for name in reader.names("TRUSTED_HOSTS")]
        or (None if demo else [host, "localhost", "127.0.0.1"]),
        "PROXY_HOPS": reader.number("PROXY_HOPS", 0, 0, 10),
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_NAME": "__Host-mobility" if secure else "mobility",  # no other host of the domain can set the first
        "REGISTRATION": reader.one_of("REGISTRATION", "open", "invitation"),
        "ORGANISATIONS_CHECKED_BY": reader.one_of("ORGANISATIONS_CHECKED_BY", "owners", "administrator"),
        "DEMO": demo,
        "OIDC_PROVIDERS": [reader.oidc_provider(key) for key in reader.names("OIDC_PROVIDERS")],
        "METRICS_TOKEN": reader.metrics_token(),
        "SENTRY_DSN": reader.sentry_dsn(),
        "BACKUP_DAYS": reader.number("BACKUP_DAYS", 0 if demo else 2, 0, 365),
        "LOG_FORMAT": reader.one_of("LOG_FORMAT", "text", "json"),
        "LOG_LEVEL": reader.one_of("LOG_LEVEL", "info", "debug", "warning", "error"),
    }
    reader.raise_if_wrong()
    return settings


class Reader:
    """Reads single settings and collects what is wrong with them, so that one start shows every mistake."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.wrong: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """An empty variable counts as not set."""
        return self.environ.get(name, "").strip() or default

    def refuse(self, name: str, right: str) -> None:
        self.wrong.append(f"  {name}: {right}")

    def raise_if_wrong(self) -> None:
        if self.wrong:
            raise InvalidSettings("\n".join(["Mobility cannot start with these settings:", *self.wrong]))

    def yes_or_no(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        if value:
            self.refuse(name, f"must be 1 or 0, not {value!r}")
        return default

    def demo(self, base: SplitResult) -> bool:
        wanted, certain = self.yes_or_no("DEMO", default=False), self.yes_or_no("DEMO_IN_PUBLIC", default=False)
        if wanted and base.scheme == "https" and not certain:
            self.refuse(
                "DEMO", f"at {base.geturl()} everybody could sign in as anybody: leave it out, or set DEMO_IN_PUBLIC=1, too"
            )
        return wanted

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high:
            return int(value)
        self.refuse(name, f"must be a whole number from {low} to {high}, not {value!r}")
        return default

    def one_of(self, name: str, default: str, *others: str) -> str:
        value = self.text(name, default).lower()
        if value in {default, *others}:
            return value
        self.refuse(name, f"must be one of {', '.join([default, *others])}, not {value!r}")
        return default

    def names(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def base_url(self) -> SplitResult:
        """Without a trailing slash; an application under a path (https://example.org/mobility) is fine."""
        host = self.text("HOST", "127.0.0.1")
        port = self.number("PORT", 5000, 1, 65535)
        value = self.text("BASE_URL", f"http://{reachable(host)}:{port}").rstrip("/")
        url = _split(value)
        if url is None or url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
            self.refuse("BASE_URL", f"must be like https://mobility.example.org, not {value!r}")
            return urlsplit("http://localhost")
        return url

    def database_url(self) -> str:
        value = self.text("DATABASE_URL") or self.own_database()
        scheme, _, rest = value.partition("://")
        if scheme == "sqlite" and rest.startswith("/") and rest not in {"/", "/:memory:"}:
            folder = os.path.dirname(rest[1:].partition("?")[0])
            if folder.startswith("/") and not os.path.isdir(folder):
                self.refuse("DATABASE_URL", f"there is no folder {folder} that this user may enter: make it first")
            elif folder.startswith("/"):
                self.expect_writable("DATABASE_URL", Path(folder), Path(rest[1:].partition("?")[0]))
            return self.own_file(value)  # in a file: several processes share it
        if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and _split(value) and rest.strip("/"):
            return f"postgresql+psycopg://{rest}"
        self.refuse("DATABASE_URL", "must be like sqlite:////var/lib/mobility.db or postgresql://user:password@host/name")
        return ""

    def own_database(self) -> str:
        with suppress(OSError):  # refused in words as soon as it is tried
            INSTANCE.mkdir(mode=0o700, exist_ok=True)  # a fresh clone has none; nobody else on this machine reads it
        return f"sqlite:///{INSTANCE / 'mobility.db'}"

    def own_file(self, url: str) -> str:
        """A new one is made for this user's eyes alone; SQLite gives its own files beside it the same.

        One that is there is not opened: closing it would take the locks of this process's connections (sqlite.org, "How To
        Corrupt An SQLite Database File", 2.2).
        """
        path = url.removeprefix("sqlite:///").partition("?")[0]
        with suppress(OSError):  # what is wrong with it, SQLite says
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return url

    def mail_url(self) -> str | None:
        value = self.text("MAIL_URL")
        if not value:
            return None
        url = _split(value)
        starttls = parse_qs(url.query).get("starttls", ["0"]) if url else []
        if not url or url.scheme not in {"smtp", "smtps"} or not url.hostname or starttls[-1] not in {"0", "1"}:
            self.refuse("MAIL_URL", "must be like smtp://user:password@mail.example.org:587?starttls=1 or smtps://...")
            return None
        return value

    def mail_from(self, default: str) -> str:
        value = self.text("MAIL_FROM", default)
        local, _, domain = parseaddr(value)[1].partition("@")
        if not local or not domain or any(character in value for character in "\r\n"):
            self.refuse("MAIL_FROM", f"must be like Mobility <no-reply@example.org>, not {value!r}")
        return value

    def files_url(self) -> str:
        return self.place("FILES_URL", (INSTANCE / "files").as_uri())

    def audit_heads(self, files: str) -> str:
        url = _split(files)
        return self.place("AUDIT_HEADS", url._replace(path=f"{url.path.rstrip('/')}/audit-heads").geturl() if url else files)

    def audit_key(self) -> str:
        value = self.text("AUDIT_KEY")
        if value and len(value) < 32:
            self.refuse("AUDIT_KEY", "must have at least 32 characters, e.g. what `openssl rand -hex 32` prints")
        return value

    def place(self, name: str, default: str) -> str:
        """Where files are kept."""
        value = self.text(name, default)
        url = _split(value)
        folder = url and url.scheme == "file" and not url.netloc and url.path.strip("/")
        bucket = url and url.scheme == "s3" and url.netloc
        if not (folder or bucket):
            self.refuse(name, "must be like file:///var/lib/mobility/files or s3://bucket/prefix?endpoint_url=https://...")
        elif url and folder:
            self.expect_writable(name, Path(unquote(url.path)))
        return value

    def expect_writable(self, name: str, folder: Path, file: Path | None = None) -> None:
        """At the start, not when the first person wants to save something. A folder that is not there yet will be made."""
        there = next(each for each in (folder, *folder.parents) if each.exists())
        fine = _takes_files(there) if there == folder else os.access(there, os.W_OK | os.X_OK)
        for each in [there] * (not fine) + [file] * bool(file and file.exists() and not os.access(file, os.W_OK)):
            self.refuse(name, f"this user cannot write {each}: give it to the user who runs Mobility (chown)")

    def security_contact(self, default: str) -> str:
        value = self.text("SECURITY_CONTACT", default)
        if not value.startswith(("mailto:", "https://")) or any(character.isspace() for character in value):
            self.refuse("SECURITY_CONTACT", f"must be like mailto:security@example.org or https://..., not {value!r}")
        return value

    def sentry_dsn(self) -> str | None:
        value = self.text("SENTRY_DSN")
        if value and find_spec("sentry_sdk") is None:
            self.refuse("SENTRY_DSN", "needs a library: .venv/bin/pip install --require-hashes -r requirements-sentry.txt")
        url = _split(value)
        if value and not (url and url.scheme in {"http", "https"} and url.username and url.path.strip("/")):
            self.refuse("SENTRY_DSN", "must be like https://key@sentry.example.org/1")
        return value or None

    def metrics_token(self) -> str | None:
        value = self.text("METRICS_TOKEN")
        if value and len(value) < 16:
            self.refuse("METRICS_TOKEN", "must have at least 16 characters, e.g. what `openssl rand -hex 32` prints")
        return value or None

    def oidc_provider(self, key: str) -> dict[str, Any]:
        """One that people may sign in with (mobility/accounts/oidc.py)."""
        prefix = f"OIDC_{key.upper()}_"
        if not (key.isascii() and key.isalnum() and key.islower()):
            self.refuse("OIDC_PROVIDERS", f"must be short names of small letters and digits, such as eulogin, not {key!r}")
        found = {name: self.text(prefix + name.upper()) for name in ("name", "issuer", "client_id", "client_secret")}
        for name, value in found.items():
            if not value:
                self.refuse(prefix + name.upper(), f"is missing: OIDC_PROVIDERS names {key}")
        issuer = _split(found["issuer"])
        loopback = issuer is not None and issuer.hostname in {"localhost", "127.0.0.1"}
        if found["issuer"] and (issuer is None or (issuer.scheme != "https" and not loopback)):
            self.refuse(f"{prefix}ISSUER", f"must be like https://login.example.org, not {found['issuer']!r}")
        verified = self.yes_or_no(f"{prefix}ADDRESSES_ARE_VERIFIED", default=False)
        return {"key": key, **found, "addresses_are_verified": verified}

    def secret_key(self) -> str:
        value = self.text("SECRET_KEY")
        for name, key in [
            ("SECRET_KEY", value),
            *(("SECRET_KEY_FALLBACKS", each) for each in self.names("SECRET_KEY_FALLBACKS")),
        ]:
            if key and (len(key) < 16 or _guessed(key)):
                right = "must have at least 16 characters that nobody guesses, e.g. what `openssl rand -hex 32` prints"
                self.refuse(name, right)
        try:
            return value or self.kept_secret_key(INSTANCE / "secret_key")
        except OSError as error:
            self.refuse("SECRET_KEY", f"is not set, and {INSTANCE / 'secret_key'} cannot be kept or read: {error.strerror}")
            return ""

    def kept_secret_key(self, path: Path) -> str:
        """The key of this machine, made at the first start. Linking a finished file into place lets one of several
        processes win; all of them then read the winner's."""
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        key = path.read_text().strip()
        if len(key) < 16:
            self.refuse("SECRET_KEY", f"{path} holds no usable key: delete it for a new one, or set SECRET_KEY")
        return key


def _takes_files(folder: Path) -> bool:
    """Tried, since permissions do not tell of what is mounted to be read only."""
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _guessed(key: str) -> bool:
    """Words, repetitions and rows of the keyboard: fewer guesses than eight random letters and digits take."""
    return bool(zxcvbn(key[:72])["guesses_log10"] < 14)


def reachable(host: str) -> str:
    """`host` as it stands in a link: an address that means "all" becomes this machine's, IPv6 gets its brackets."""
    if not _is_address(host):
        return quote(host)
    address = ipaddress.ip_address(host.strip("[]"))
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return f"[{address}]" if address.version == 6 else str(address)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _engine_options(database_url: str, pool_size: int, patience: int) -> dict[str, Any]:
    """A restarted PostgreSQL server is noticed before a request meets the dead connection, and the connection used last, whose
    plans are kept, is taken first. `patience`: seconds that a thread waits for a free one."""
    if database_url.startswith("sqlite"):
        return {"pool_timeout": patience}
    return {"pool_timeout": patience, "pool_pre_ping": True, "pool_use_lifo": True, "pool_size": pool_size, "max_overflow": 2}


def _split(url: str) -> SplitResult | None:
    """None when a host or a port makes no sense."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts
