"""Rules of payments. Pure."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from text_unidecode import unidecode

from mobility.core.money import EURO, currency_name
from mobility.core.workdays import bank_holiday, banking_day

NOT_SEPA = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
LATEST = timedelta(days=60)  # a bank keeps an order no longer than that


def sepa_text(text: str, most: int, otherwise: str = "") -> str:
    """A text in the characters that every bank must accept (EPC217-08): Latin letters, digits and / - ? : ( ) . , ' +

    sepaxml only turns letters into ASCII; it leaves the rest for the bank to refuse. No slash begins or ends it, none is
    doubled. `otherwise` stands for a text of which nothing is left.
    """
    plain = unidecode(text.replace("&", " + ").replace("@", "(at)").replace("_", "-"))
    plain = re.sub("/{2,}", "/", NOT_SEPA.sub(" ", plain))
    return " ".join(plain.split())[:most].strip("/ ") or otherwise


def next_banking_day(after: date) -> date:
    """The next day on which banks move euro: not on weekends, nor on the few holidays that they have in common (TARGET)."""
    return banking_day(after + timedelta(days=1))


def execution_problem(day: date, today: date, in_words: Any) -> str | None:
    """Why the bank cannot be asked to pay on this day, and which would be right. `in_words(day)` writes a day."""
    if problem := day_problem(day, banking_day(today), today + LATEST, in_words):
        return problem
    if why := bank_holiday(day):
        return f"{in_words(day)} is {why}: banks move no money then. {in_words(banking_day(day))} would be right."
    return None


def day_asked_for(approved: date, today: date) -> date:
    """The day that was approved; once it has passed, the first on which a bank can pay."""
    return approved if approved >= today else banking_day(today)


def no_file_for(currency: str) -> str | None:
    """Why there is no file for the bank: its format is the one in which banks move euro."""
    if currency == EURO:
        return None
    return (
        f"A file for the bank (pain.001) exists for payments in euro only, and these are in {currency_name(currency)}. "
        "The spreadsheet and the CSV have what the bank needs."
    )


def stopped(reason: str) -> str:
    """A reason as somebody typed it, with the stop that lets another sentence follow."""
    return reason if reason.rstrip().endswith((".", "!", "?", "…")) else f"{reason.rstrip()}."


def not_payable(account: Any, in_words: Any) -> str | None:
    """Why a claim cannot be collected yet. `in_words(instant)` writes an instant as its reader has it."""
    if account is None:
        return "No bank account yet."
    if account.waits:
        return f"The account has changed; it can be paid from {in_words(account.usable_from)}."
    return None


NOTHING_LEFT = "Nothing would be left. Discard the batch instead."


def recovery_problem(amount: Decimal, left: Decimal, in_words: Any) -> str | None:
    """At most what was paid, and has not come back yet, does. `in_words(amount)` writes an amount as its reader has it."""
    if amount <= 0:
        return f"Enter an amount greater than zero, up to the {in_words(left)} that can still come back."
    if amount > left:
        return f"At most {in_words(left)} can come back: that is what was paid, less what has come back already."
    return None


def day_problem(day: date, earliest: date, latest: date, in_words: Any) -> str | None:
    """A day that is not within two others, both of them possible."""
    if earliest <= day <= latest:
        return None
    return f"Choose a day from {in_words(earliest)} to {in_words(latest)}."
