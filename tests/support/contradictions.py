"""What a page may not say to whom, at which time: a list, by hand, of texts that contradict the state."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

DAY = r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
GONE = re.compile(
    r"<(script|style|svg|blockquote)\b.*?</\1>|<[^>]*\bdir=\"auto\"[^>]*>[^<]*", re.S
)  # what people wrote is theirs
LINES = re.compile(r"</(?:p|li|h\d|dt|dd|td|th|tr|div|label|option|summary|legend|section)>")


@dataclass(frozen=True)
class Read:
    """What somebody reads at an address. `subject` is the object whose page it is, if any; `days` are those that it may be now,
    as programmes lie in several timezones; `parts` are what the reader is to the subject."""

    text: str
    address: str = "/"
    status: int = 200
    days: frozenset[date] = frozenset()
    subject: Any = None
    parts: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    is_new: bool = False

    @property
    def state(self) -> str:
        return getattr(self.subject, "state", "")

    @property
    def possible(self) -> str:
        """Without the actions that are named only to say why they are not possible."""
        return self.text.partition("\nNot possible now\n")[0]

    def about(self, kind: str) -> bool:
        return self.subject is not None and self.subject.workflow.name == kind


def lines_of(page: str) -> str:
    """The main part of a page as text, each paragraph, cell and button a line."""
    main = page.partition("<main")[2].partition(">")[2]
    text = re.sub(r"<[^>]+>", " ", LINES.sub("\n", GONE.sub(" ", main)))
    lines = (" ".join(line.split()).replace(" ,", ",") for line in unescape(text).split("\n"))
    return "\n".join(filter(None, lines)) + "\n"


Rule = Callable[[Read], Iterator[str]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


def contradictions_in(read: Read) -> list[str]:
    return [f"{read.address}: {fault}" for check in RULES for fault in check(read)]


def _days(pattern: str, text: str) -> Iterator[tuple[date, str]]:
    """Each day that the pattern finds (its first group), and what follows in the same line."""
    for found in re.finditer(pattern.replace("DAY", rf"(?<!\d)({DAY})"), text):
        yield datetime.strptime(found[1], "%d %B %Y").date(), text[found.end() :].partition("\n")[0]  # noqa: DTZ007, a day


@rule
def nobody_is_led_to_a_refusal(read: Read) -> Iterator[str]:
    if read.status != 200:
        yield f"the first page leads to {read.status}"


@rule
def what_is_late_is_called_so(read: Read) -> Iterator[str]:
    for day, after in _days(r"\bby DAY", read.text):
        if day < min(read.days) and not re.match(r", \d+ days? late", after):
            yield f"by {day}{after[:20]}, as if there were time"
        if day >= max(read.days) and " late" in after[:16]:
            yield f"by {day} is not late"


@rule
def days_are_counted_right(read: Read) -> Iterator[str]:
    for day, after in _days(r"DAY", read.text):
        if (said := re.match(r", in (\d+) days?\b", after)) and day - timedelta(int(said[1])) not in read.days:
            yield f"{day} is not in {said[1]} days"
        if (said := re.match(r", (\d+) days? late", after)) and day + timedelta(int(said[1])) not in read.days:
            yield f"{day} is not {said[1]} days late"
        if after.startswith(", today") and day not in read.days:
            yield f"{day} is not today"


@rule
def what_is_over_is_not_open(read: Read) -> Iterator[str]:
    for pattern in (r"(?i)\bopen until DAY", r"Visits [^\n]*?\b(?:to|until) DAY", r"\bApply by DAY"):
        yield from (f"{day} is over: {pattern}" for day, _ in _days(pattern, read.text) if day < min(read.days))
    yield from (f"it has opened on {day}" for day, _ in _days(r"\bopens on DAY", read.text) if day < min(read.days))


@rule
def only_the_holder_uses_a_voucher(read: Read) -> Iterator[str]:
    if re.search(r"\bUse (?:the|your) voucher\b", read.text) and read.about("voucher") and "holder" not in read.parts:
        yield "the holder uses it"


@rule
def nobody_requests_what_was_requested(read: Read) -> Iterator[str]:
    if read.about("voucher") and read.state not in {"draft", "returned"}:
        yield from (f"it was requested: {words}" for words in ("can request", "To be requested") if words in read.text)
    voucher = read.subject.voucher if read.about("exchange") else None
    if voucher is not None and voucher.requested_on and "can request" in read.text:
        yield "the voucher was requested"


@rule
def nothing_is_granted_once_the_stay_has_begun(read: Read) -> Iterator[str]:
    exchange = read.subject.exchange if read.about("voucher") else None
    if exchange is not None and exchange.first_day <= min(read.days):
        buttons = ("Request the voucher", "Approve", "Issue", "Recommend", "Send the answer")
        yield from (f"too late to {each}" for each in buttons if f"\n{each}\n" in read.possible)


@rule
def a_visit_that_has_begun_is_not_to_come(read: Read) -> Iterator[str]:
    if read.about("exchange") and read.state in {"in_progress", "completed", "closed", "cancelled"}:
        words = ("On the first day the host checks", "Next comes the mobility voucher", "You sign next", "Both sides sign next")
        yield from (f"it is {read.state}: {each}" for each in words if each in read.text)
    if (
        read.about("exchange")
        and read.state == "agreed"
        and read.subject.first_day < min(read.days)
        and "\nAgreed: " in read.text
    ):
        yield "its first day has passed without it"
    if read.about("exchange") and "\nYou sign next\n" in read.text and read.subject.newest_version.last_day < min(read.days):
        yield "nobody signs for days that are over"
    if read.address == "/" and (coming := read.text.partition("\nComing up\n")[2].partition("\nWaiting for others\n")[0]):
        yield from (
            f"in the past, but coming up:{after}" for day, after in _days(r"Visit [^\n]*DAY", coming) if day < min(read.days)
        )


@rule
def a_guest_is_checked_in_once(read: Read) -> Iterator[str]:
    voucher = read.subject.voucher if read.about("exchange") else read.subject if read.about("voucher") else None
    if voucher is not None and voucher.state != "issued" and re.search("Check your guest in|Enter the code", read.possible):
        yield f"the voucher is {voucher.state}"


@rule
def praise_is_for_those_who_did_something(read: Read) -> Iterator[str]:
    if "You have done your part everywhere" in read.text:
        if read.is_new or not read.roles or read.roles == {"auditor"}:
            yield "praise for somebody who had no part"
        if not {"guest", "coordinator", "host"} & read.roles and "look for a theme" in read.text:
            yield "nobody travels for a programme or a provider"


@rule
def my_turn_is_nobody_else_s(read: Read) -> Iterator[str]:
    if "Your turn" in read.text and re.search("omebody else (?:must|decides)", read.possible):
        yield "my turn, and somebody else's"
    if re.search(r"Waiting for(?: and\b|,|\n)", read.text.replace("\nWaiting for others\n", "\n")):
        yield "it waits for nobody by name"


@rule
def who_has_signed_does_not_sign_again(read: Read) -> Iterator[str]:
    version = read.subject.newest_version if read.about("exchange") else None
    sides = {"host": "host coordinator", "guest": "guest"}
    mine = {side for side, part in sides.items() if part in read.parts}
    if version is not None and mine and mine <= {each.side for each in version.signatures} and "\nYou sign next\n" in read.text:
        yield "you have signed"
