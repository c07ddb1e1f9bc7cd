"""Who has had a role in an organisation since a case was asked for: "no interest" of workflows.md. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from mobility.core.clock import day_of
from mobility.core.wording import format_day
from mobility.people.roles import ROLE_LABELS, Role


@dataclass(frozen=True)
class Asked:
    """The days of `timezone` on which a case was applied for and requested, as far as there are such."""

    timezone: str
    application: date | None = None
    request: date | None = None

    @property
    def first(self) -> date | None:
        return min((day for day in (self.application, self.request) if day), default=None)

    def last_day(self, membership: Any) -> date:
        """Of a role that has ended; never before its first, as that is a day of UTC."""
        return max(membership.since, day_of(membership.until, self.timezone))

    def counts(self, membership: Any) -> bool:
        """A role that lasts, or lasted on the first of these days or later, is an interest in the case."""
        return membership.until is None or self._within(membership, self.first)

    def _within(self, membership: Any, day: date | None) -> bool:
        return day is not None and (membership.until is None or day_of(membership.until, self.timezone) >= day)

    def told(self, who: str, membership: Any) -> str:
        """With its dates, and whether it began after the case: "You became guest of Mur Cluster on 3 March 2027, after ...".

        `who` is "You" or somebody's name, with what else is to be said of them.
        """
        role = f"{ROLE_LABELS[Role(membership.role)].lower()} of {membership.place_name}"
        since, until = format_day(membership.since), membership.until and format_day(self.last_day(membership))
        after = self._begun_after(membership)
        if until:
            were = "were" if who == "You" else "was"
            return f"{who} {were} {role} from {since} to {until}, {f'after {after}' if after else self._ended_after(membership)}"
        if after:
            return f"{who} became {role} on {since}, after {after}"
        return f"{who} {'have' if who == 'You' else 'has'} been {role} since {since}"

    def _begun_after(self, membership: Any) -> str:
        for word, day in (("request", self.request), ("application", self.application)):
            if day and membership.since > day:
                return f"the {word} of {format_day(day)}"
        return ""

    def _ended_after(self, membership: Any) -> str:
        if self._within(membership, self.request):
            return f"and the request is of {format_day(self.request)}"
        return f"and the application is of {format_day(self.application)}"
