"""Codes of apps and of paper. Pure."""

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import choice

from pyotp import TOTP

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that is read as something else
CODES = 10
GROUPS, GROUP = 4, 4  # 78 random bits
STEP = 30  # seconds in which an app shows one code
DRIFT = (0, -1, 1)  # steps: a telephone's clock may go half a minute wrong
CHALLENGE_LASTS = timedelta(minutes=10)
RESET_WAITS = timedelta(hours=24)


def step_shown(secret: str, digits: str, now: datetime) -> int | None:
    """The half minute whose code these digits are, now or one before or after."""
    present, app = int(now.timestamp()) // STEP, TOTP(secret)
    shown = [step for step in DRIFT if compare_digest(app.generate_otp(present + step), digits)]
    return present + shown[0] if shown else None


def as_typed(code: str) -> str:
    """Without the spaces and dashes between groups."""
    return "".join(each for each in code.upper() if each.isascii() and each.isalnum())


def new_recovery_codes() -> list[str]:
    return ["-".join("".join(choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS)) for _ in range(CODES)]


def code_hash(user_id: int, code: str) -> str:
    """So random that nobody tries them all, so that a quick hash will do."""
    return sha256(f"{user_id}:{as_typed(code)}".encode()).hexdigest()


def in_groups(secret: str) -> str:
    """As one types it into an app: groups of four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
