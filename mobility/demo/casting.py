"""Who plays in which story: every state gets its share, and each demo account something that waits for it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from mobility.core.workdays import working_days
from mobility.demo.cast import Cast
from mobility.demo.stories import Part
from mobility.people.models import User
from mobility.themes.models import HostingWindow, Theme

PAST, RECENT, NOW, SOON = "past", "recent", "now", "soon"
FULL, LIGHT = "full", "light"


@dataclass(frozen=True)
class Wanted:
    """A kind of story: how far it gets, how often, when the stay is, and between which days it was submitted."""

    until: str
    count: int
    stay: str
    submitted: tuple[int, int] = (0, 0)
    scheme: str | None = None
    host: str | None = None
    guest: str | None = None
    self_funded: bool = False
    linked: str = ""  # how both sides are linked, see stories.Part


# Featured first, so that each demo account finds something of its own.
WANTED = (
    Wanted("accepted", 1, SOON, (-7, -5), guest="Ana Zupan"),
    Wanted("signed by one", 1, SOON, (-13, -11), guest="Ana Zupan"),
    Wanted("voucher draft", 1, SOON, (-14, -12), guest="Ana Zupan"),
    Wanted("issued", 1, SOON, (-30, -26), guest="Ana Zupan"),
    Wanted("delivered", 1, NOW, guest="Ana Zupan"),
    Wanted("accepted", 1, SOON, (-8, -6), guest="Helena Prata"),
    Wanted("voucher draft", 1, SOON, (-15, -13), guest="Helena Prata"),
    Wanted("submitted", 2, SOON, (-8, -6), host="aveiro"),
    Wanted("planning", 2, SOON, (-11, -9), host="aveiro"),
    Wanted("submitted", 1, SOON, (-9, -8), host="graz"),
    Wanted("in_dialogue", 1, SOON, (-8, -5), host="graz"),
    Wanted("in progress", 1, NOW, host="graz"),
    Wanted("submitted", 1, SOON, (-6, -3), host="tartu"),
    Wanted("planning", 1, SOON, (-11, -9), host="tartu"),
    Wanted("accepted", 1, SOON, (-8, -6), guest="Liis Tamm"),
    Wanted("returned", 1, SOON, (-17, -15), guest="Liis Tamm"),
    # vouchers, in the order of their states
    Wanted("claimed", 2, RECENT, scheme=FULL),
    Wanted("claimed", 1, RECENT, scheme=LIGHT),
    Wanted("validated", 1, RECENT, scheme=FULL),
    Wanted("claim returned", 1, RECENT, scheme=FULL),
    Wanted("recovered", 1, PAST),
    Wanted("paid", 8, PAST),
    Wanted("delivered", 4, PAST),
    Wanted("delivered", 1, RECENT),
    Wanted("no show", 2, PAST),
    Wanted("in progress", 3, NOW),
    Wanted("expired", 2, SOON, (-130, -120), LIGHT),
    Wanted("issued", 5, SOON, (-45, -22), FULL),
    Wanted("issued", 4, SOON, (-45, -22), LIGHT),
    Wanted("revoked", 1, SOON, (-50, -40)),
    Wanted("cancelled", 2, SOON, (-40, -20)),
    Wanted("approved", 2, SOON, (-21, -16), FULL),
    Wanted("recommended", 2, SOON, (-19, -17), FULL, linked="declared"),
    Wanted("recommended", 2, SOON, (-16, -13), FULL),
    Wanted("requested", 1, SOON, (-20, -19), FULL, linked="account"),
    Wanted("requested", 3, SOON, (-18, -11), FULL),
    Wanted("requested", 1, SOON, (-24, -22), LIGHT, linked="account"),
    Wanted("requested", 3, SOON, (-21, -11), LIGHT),
    Wanted("returned", 2, SOON, (-18, -14)),
    Wanted("rejected", 3, SOON, (-40, -20)),
    Wanted("withdrawn voucher", 2, SOON, (-40, -18)),
    Wanted("voucher draft", 3, SOON, (-16, -11)),
    # exchanges without a voucher
    Wanted("agreed", 1, SOON, (-25, -18), self_funded=True),
    Wanted("completed", 2, PAST, self_funded=True),
    Wanted("planning", 3, SOON, (-12, -7)),
    Wanted("signed by one", 2, SOON, (-12, -9)),
    # applications that went no further, or not yet
    Wanted("accepted", 5, SOON, (-9, -4)),
    Wanted("in_dialogue", 8, SOON, (-10, -3)),
    Wanted("submitted", 10, SOON, (-9, 0)),
    Wanted("draft", 7, SOON, (-12, 0)),
    Wanted("declined", 6, SOON, (-60, -8)),
    Wanted("withdrawn", 5, SOON, (-60, -6)),
    Wanted("lapsed application", 5, SOON, (-60, -15)),
    Wanted("lapsed offer", 2, SOON, (-60, -15)),
)
UNCONFIRMED = {
    "draft", "submitted", "in_dialogue", "accepted", "declined", "withdrawn", "lapsed application", "lapsed offer",
}  # fmt: skip
MOST_OPEN = 4


@dataclass
class Casting:
    """Gives out the parts: fair to themes and guests, and within every rule an application must keep."""

    cast: Cast
    themes: list[Theme]
    taken: Counter[int] = field(default_factory=Counter)
    asked: Counter[int] = field(default_factory=Counter)
    travels: Counter[int] = field(default_factory=Counter)
    waiting: Counter[int] = field(default_factory=Counter)
    pairs: set[tuple[int, int]] = field(default_factory=set)

    def parts(self) -> Iterator[Part]:
        """All parts; a kind of story for which nobody is left is left out."""
        number = 0
        for wanted in WANTED:
            for turn in range(wanted.count):
                number += 1
                if part := self._part(wanted, number, turn):
                    yield part

    def _part(self, wanted: Wanted, number: int, turn: int) -> Part | None:
        for theme in sorted(self._themes(wanted), key=lambda theme: (self.taken[theme.id] + self.asked[theme.id], theme.id)):
            for guest in sorted(self._guests(wanted, theme), key=lambda user: (self.travels[user.id], user.id)):
                if stay := self._stay(wanted, theme, number):
                    return self._give(wanted, number, turn, theme, guest, stay)
        return None

    def _themes(self, wanted: Wanted) -> list[Theme]:
        hosts = self.cast.organisations
        return [
            theme
            for theme in self.themes
            if self.taken[theme.id] < theme.places - (wanted.until in UNCONFIRMED)
            and (wanted.scheme is None or theme.programme.scheme == wanted.scheme)
            and (wanted.host is None or theme.host is hosts[wanted.host])
        ]

    def _guests(self, wanted: Wanted, theme: Theme) -> list[User]:
        programme = theme.programme
        return [
            guest
            for guest in self.cast.guests
            if (wanted.guest is None or guest.name == wanted.guest)
            and self.cast.home[guest.id] is not theme.host
            and self.cast.home[guest.id].country in programme.eligible_countries
            and guest.level in theme.levels
            and guest.level in programme.eligible_levels
            and (theme.id, guest.id) not in self.pairs
            and (wanted.until not in UNCONFIRMED or self.waiting[guest.id] < MOST_OPEN)
        ]

    def _stay(self, wanted: Wanted, theme: Theme, number: int) -> tuple[int, int, int] | None:
        """(first day, last day, last day to apply) as offsets: a stay of at least three working days."""
        for window in theme.windows:
            starts = range(self._offset(window.first_day), self._offset(window.last_day) - 2)
            usable = [
                (first, first + length - 1, self._offset(window.apply_by))
                for first in starts
                for length in (self._length(theme, number),)
                if self._fits(wanted, theme, window, first, first + length - 1)
            ]
            if usable:
                return usable[number % len(usable)]
        return None

    def _fits(self, wanted: Wanted, theme: Theme, window: HostingWindow, first: int, last: int) -> bool:
        return (
            self._in_its_time(wanted, first, last)
            and self.cast.day(last) <= window.last_day
            and working_days(self.cast.day(first), self.cast.day(last), theme.host.country) >= 3
        )

    def _in_its_time(self, wanted: Wanted, first: int, last: int) -> bool:
        if wanted.stay == NOW:
            return last == -2 if wanted.until == "delivered" else first <= -1 and -4 <= last <= 2
        begins_early_in_the_week = self.cast.day(first).weekday() in (0, 1)
        within = {PAST: last <= -22, RECENT: -26 <= last <= -9, SOON: first >= 10}
        return begins_early_in_the_week and within[wanted.stay]

    def _length(self, theme: Theme, number: int) -> int:
        return min(max(theme.minimum_days, 4 + number % 2), theme.maximum_days)

    def _offset(self, day: object) -> int:
        return int((day - self.cast.today) / timedelta(days=1))  # type: ignore[operator]

    def _give(self, wanted: Wanted, number: int, turn: int, theme: Theme, guest: User, stay: tuple[int, int, int]) -> Part:
        self.pairs.add((theme.id, guest.id))
        self.travels[guest.id] += 1
        self.asked[theme.id] += 1
        self.taken[theme.id] += wanted.until not in UNCONFIRMED
        self.waiting[guest.id] += wanted.until in UNCONFIRMED
        first, last, apply_by = stay
        earliest, latest = wanted.submitted
        submitted = apply_by - 2 - turn if wanted.stay != SOON else earliest + turn * (latest - earliest) // wanted.count
        return Part(number, theme, guest, submitted, first, last, wanted.until, wanted.self_funded, wanted.linked)
