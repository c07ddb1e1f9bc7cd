"""What is a good password, and how long things last. Pure."""

from datetime import timedelta

SHORTEST, LONGEST = 12, 200
INVITATION_LASTS = timedelta(days=14)
RESET_LASTS = timedelta(hours=2)

COMMON = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456789123 123123123123 111111111111 000000000000 qwertyuiop12
    qwertyuiop123 qwerty123456 qwertyuiopas 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5y6 asdfghjkl123 passwordpassword
    password1234 password12345 password123456 passw0rd1234 mypassword12 changeme1234 changemechangeme letmeinletmein
    welcome12345 welcome123456 iloveyou1234 iloveyouiloveyou administrator administrator1 correcthorsebatterystaple
    abcdefghijkl abcdefghijklm abc123abc123 aaaaaaaaaaaa trustno1trustno1 monkeymonkey dragondragon footballfootball
    """.split()
)


def password_problem(password: str, *, email: str, name: str) -> str | None:
    """Why a password cannot be used, in words that say what would be right; nothing if it can."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three or four words in a row are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    plain = password.casefold()
    if any(part in plain for part in _personal(email, name)):
        return "Leave your name and your address out of it: they are the first thing somebody would try."
    if plain in COMMON or len(set(plain)) < 5:
        return "Many people use this one, so it is guessed at once. Think of three or four unrelated words."
    return None


def hidden_address(email: str) -> str:
    """a…@example.org: enough for its owner to recognise it."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"


def _personal(email: str, name: str) -> set[str]:
    local = email.casefold().partition("@")[0]
    parts = {email.casefold(), local, *local.replace("-", ".").replace("_", ".").split("."), *name.casefold().split()}
    return {part for part in parts if len(part) > 3}
