"""Who plays in which story: every state gets its share, and each demo account something that waits for it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from mobility.core.workdays import working_days
from mobility.demo.cast import Cast
from mobility.demo.money import LAST_STAY_PAID
from mobility.demo.stories import ENDORSING, Part, day_of_leaving
from mobility.people.models import User
from mobility.themes.models import Theme

PAST, RECENT, NOW, SOON = "past", "recent", "now", "soon"
BETWEEN = {PAST: (-200, LAST_STAY_PAID), RECENT: (-30, -9), NOW: (-9, 2), SOON: (10, 200)}  # days in which a stay lies
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
    Wanted("delivered", 1, NOW, guest="Ana Zupan"),
    Wanted("accepted", 1, SOON, (-7, -5), guest="Ana Zupan"),
    Wanted("signed by one", 1, SOON, (-13, -11), guest="Ana Zupan"),
    Wanted("voucher draft", 1, SOON, (-14, -12), guest="Ana Zupan"),
    Wanted("issued", 1, SOON, (-30, -26), guest="Ana Zupan"),
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
    Wanted("issued", 2, SOON, (-130, -120), LIGHT),
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
    # what the guest's organisation says, where the programme asks it
    Wanted("to be endorsed", 2, SOON, (-14, -11)),
    Wanted("endorsed", 1, SOON, (-16, -12)),
    Wanted("objected", 1, SOON, (-16, -12)),
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

LEAVES_A_PLACE = UNCONFIRMED | ENDORSING  # to those who have applied there already, or still do
MOST_OPEN = 4
WORKING_DAYS = 3  # the most that a programme of the demonstration asks for


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
    admitted: dict[int, list[User]] = field(default_factory=dict)

    def parts(self) -> Iterator[Part]:
        """All parts. LookupError when nobody is left for one, which no day brings (tests/integration/demo)."""
        number = 0
        for wanted in WANTED:
            for turn in range(wanted.count):
                number += 1
                yield self._part(wanted, number, turn)

    def _part(self, wanted: Wanted, number: int, turn: int) -> Part:
        for others in (False, True):
            for theme in sorted(self._themes(wanted), key=lambda theme: (self._demand(theme), theme.id)):
                guest = min(self._guests(wanted, theme), key=lambda user: (self.travels[user.id], user.id), default=None)
                if guest and (stay := self._stay(wanted, theme, number, others)):
                    return self._give(wanted, number, turn, theme, guest, stay)
        raise LookupError(f"Nobody is left for story {number}: {wanted}")

    def _demand(self, theme: Theme) -> int:
        return self.taken[theme.id] + self.asked[theme.id]

    def _themes(self, wanted: Wanted) -> list[Theme]:
        hosts = self.cast.organisations
        return [
            theme
            for theme in self.themes
            if self.taken[theme.id] < theme.places - (wanted.until in LEAVES_A_PLACE)
            and (wanted.scheme is None or theme.programme.scheme == wanted.scheme)
            and (wanted.host is None or theme.host is hosts[wanted.host])
        ]

    def _guests(self, wanted: Wanted, theme: Theme) -> list[User]:
        return [
            guest
            for guest in self._may_come(theme)
            if (wanted.guest is None or guest.name == wanted.guest)
            and (theme.id, guest.id) not in self.pairs
            and (wanted.until not in UNCONFIRMED or self.waiting[guest.id] < MOST_OPEN)
        ]

    def _may_come(self, theme: Theme) -> list[User]:
        """Whom programme and theme admit; worked out once."""
        if theme.id not in self.admitted:
            self.admitted[theme.id] = [guest for guest in self.cast.guests if self._admits(theme, guest)]
        return self.admitted[theme.id]

    def _admits(self, theme: Theme, guest: User) -> bool:
        home, programme = self.cast.home[guest.id], theme.programme
        levels = {*theme.levels}.intersection(programme.eligible_levels)
        return home is not theme.host and home.country in programme.eligible_countries and guest.level in levels

    def _stay(self, wanted: Wanted, theme: Theme, number: int, others: bool) -> tuple[int, int, int] | None:
        """(first day, last day, last day to apply) as offsets: as long as usual here or, with `others`, of any length."""
        usual = min(max(theme.minimum_days, 4 + number % 2), theme.maximum_days)
        lengths = range(theme.minimum_days, theme.maximum_days + 1) if others else (usual,)
        earliest, latest = BETWEEN[wanted.stay]
        for window in theme.windows:
            opens, closes = max(earliest, self._offset(window.first_day)), min(latest, self._offset(window.last_day))
            stays = [(first, first + length - 1) for length in lengths for first in range(opens, closes - length + 2)]
            usable = [stay for stay in stays if self._fits(wanted, theme, number, *stay)]
            if usable:
                return (*usable[number % len(usable)], self._offset(window.apply_by))
        return None

    def _fits(self, wanted: Wanted, theme: Theme, number: int, first: int, last: int) -> bool:
        """In its time, and with the working days that every programme pays for even where the guest leaves early."""
        return self._in_its_time(wanted, first, last) and self._works(theme, first, day_of_leaving(number, first, last))

    def _works(self, theme: Theme, first: int, last: int) -> bool:
        return working_days(self.cast.day(first), self.cast.day(last), theme.host.country) >= WORKING_DAYS

    def _in_its_time(self, wanted: Wanted, first: int, last: int) -> bool:
        if wanted.stay == NOW:
            return last == -2 if wanted.until == "delivered" else first <= -1 and last >= -4
        return (self.cast.today.weekday() + first) % 7 in (0, 1)  # begins early in the week

    def _offset(self, day: date) -> int:
        return (day - self.cast.today).days

    def _give(self, wanted: Wanted, number: int, turn: int, theme: Theme, guest: User, stay: tuple[int, int, int]) -> Part:
        self.pairs.add((theme.id, guest.id))
        self.travels[guest.id] += 1
        self.asked[theme.id] += 1
        self.taken[theme.id] += wanted.until not in UNCONFIRMED
        self.waiting[guest.id] += wanted.until in UNCONFIRMED
        first, last, apply_by = stay
        earliest, latest = wanted.submitted
        submitted = apply_by - 2 - turn if wanted.stay != SOON else earliest + turn * (latest - earliest) // wanted.count
        how = {"self_funded": wanted.self_funded, "linked": wanted.linked, "manager": number % 3 == 1}
        return Part(number, theme, guest, submitted, first, last, wanted.until, **how)
