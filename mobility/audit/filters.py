"""The filters of the audit log as an address has them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from mobility.audit.queries import AuditFilter, is_act
from mobility.core.numbers import whole_number
from mobility.workflows.searching import search_problems, searched_text

EARLIEST, LATEST = date(1900, 1, 1), date(9998, 12, 31)
DAYS = ("first", "last")


def asked(args: Mapping[str, str]) -> AuditFilter:
    """An act or a programme there is none of is no filter; a day that is none gets a sentence."""
    problems: dict[str, str] = {}
    days = {name: _day_of(args, name, problems) for name in DAYS}
    first, last = (days[name] for name in DAYS)
    if first and last and last < first:
        problems["last"] = "The last day cannot be before the first."
    act = args.get("act", "")
    who, about = searched_text("who"), searched_text("about")
    return AuditFilter(
        who=who,
        act=act if is_act(act) else "",
        about=about,
        programme=whole_number(args.get("programme")),
        first=first,
        last=last,
        problems=problems | search_problems(),
    )


def address_of(wanted: AuditFilter) -> dict[str, Any]:
    """What the address needs to say the same again."""
    return {name: value for name, value in vars(wanted).items() if value and name not in ("problems", "acts")}


def _day_of(args: Mapping[str, str], name: str, problems: dict[str, str]) -> date | None:
    try:
        return _day(typed) if (typed := args.get(name, "").strip()) else None
    except ValueError:
        problems[name] = "Write the day like 2027-03-01."
    return None


def _day(typed: str) -> date:
    """Raises ValueError; also of one so far away that its beginning in another timezone, or the day after, is none."""
    if not EARLIEST <= (day := date.fromisoformat(typed)) <= LATEST:
        raise ValueError
    return day
