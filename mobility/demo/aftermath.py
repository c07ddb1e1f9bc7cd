"""What those of the finished call answer, as finished.toml says: what is not there is missed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn

from sqlalchemy import select

from mobility.consents.operations import change_consent
from mobility.core.database import db
from mobility.demo.cast import Cast
from mobility.demo.money import Need
from mobility.demo.stories import Part, Story
from mobility.exchanges.models import Exchange
from mobility.followup import operations, queries, rules
from mobility.followup.models import Asking, QuestionnaireRequest
from mobility.followup.rules import Correspondent
from mobility.keyfigures import operations as keyfigures
from mobility.keyfigures import queries as keyfigure_queries
from mobility.keyfigures.models import KeyFigure
from mobility.keyfigures.rules import MENU
from mobility.people.models import User
from mobility.questionnaires.items import Lines
from mobility.questionnaires.models import Questionnaire
from mobility.takeovers import operations as takeovers
from mobility.takeovers import queries as takeover_queries
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher

END = ("end_guest", "end_host", "end_delegate")
LATER = (  # questionnaire, months after the last day
    ("month_3", 3), ("month_6", 6), ("month_6_host", 6), ("manager", 6),
    ("month_12", 12), ("month_12_host", 12), ("manager", 12),
)  # fmt: skip
WITHIN = (2, 4, 8, 13)  # days until somebody answers: some after the reminders; managers are quick
RETURNED = "550 5.2.2 The mailbox is full."

Act = tuple[int, Callable[[], None]]


@dataclass(frozen=True)
class Case:
    """One exchange of the finished call, and its entry."""

    cast: Cast
    part: Part
    entry: Mapping[str, Any]

    @property
    def exchange(self) -> Exchange:
        return exchange_of(self.part.theme, self.part.guest)

    @property
    def due_from(self) -> int:
        """The first day on which its end can be asked about: the host has confirmed it."""
        return max(self.part.last_day + 7, self.part.last_day + self.part.attended_after + 1)

    def months_later(self, months: int) -> int:
        return _months_later(self.cast, self.part.last_day, months)

    def answered(self, key: str, months: int) -> bool:
        if key == "manager":
            return any(_of_manager(each, months) for each in self.take_overs)
        return key in self.entry or key in self.entry.get("practice", {})

    @property
    def take_overs(self) -> list[Mapping[str, Any]]:
        return list(self.entry.get("take_over", ()))


def next_monday(cast: Cast, day: int) -> int:
    """The day itself, if it is one."""
    return day + (-cast.day(day).weekday()) % 7


def exchange_of(theme: Theme, guest: User) -> Exchange:
    return db.session.scalars(select(Exchange).where(Exchange.theme_id == theme.id, Exchange.guest_id == guest.id)).one()


def _months_later(cast: Cast, day: int, months: int) -> int:
    return (rules.add_months(cast.day(day), months) - cast.today).days


# Exchanges


def followed(case: Case) -> Story:
    """Day by day, from the signature to a year after the stay."""
    for day, act in sorted(_acts(case), key=lambda each: each[0]):
        yield day
        act()


def _acts(case: Case) -> Iterator[Act]:
    yield case.part.submitted + 10, partial(_serve, case)
    yield from _of_one(case, "before", 0, case.part.submitted + 10)
    for key in END:
        yield from _of_one(case, key, 0, case.due_from)
    for key, months in LATER:
        yield from _of_one(case, key, months, case.months_later(months))
    yield case.months_later(6) + 1, partial(_show, case)


def _of_one(case: Case, key: str, months: int, day: int) -> Iterator[Act]:
    """From the asking (on the first Monday from `day` on) to the answer, or to whatever else came of it."""
    day = next_monday(case.cast, day)
    if key in case.entry.get("undelivered", ()):
        yield day + 1, partial(_return, case, key, months)
        return
    if key in case.entry.get("handed_over", ()):
        yield day + 1, partial(_hand_over, case, key, months)
    with_claim = key == "end_guest" and not case.part.self_funded
    if case.answered(key, months) and not with_claim:
        half = key in case.entry.get("half", ())
        within = 1 if key == "manager" else WITHIN[(case.part.number + months + len(key)) % len(WITHIN)]
        yield day + within, partial(_answer, case, key, months, half=half)


def _asked(case: Case, key: str, months: int) -> QuestionnaireRequest:
    """What the job has asked by now."""
    asked = select(QuestionnaireRequest).join(QuestionnaireRequest.questionnaire).join(QuestionnaireRequest.asking)
    same = (QuestionnaireRequest.exchange_id == case.exchange.id, Questionnaire.key == key, Asking.round == months)
    return db.session.scalars(asked.where(*same).order_by(QuestionnaireRequest.id)).first() or _never(case, key)


def _never(case: Case, key: str) -> NoReturn:
    raise LookupError(f"{key} was not asked about {case.part.number}")


def _answer(case: Case, key: str, months: int, *, half: bool) -> None:
    request = _asked(case, key, months)
    operations.save_draft(request, said(case, key, request))
    if not half:
        operations.send(request, by=request.respondent or Correspondent(request.name))


def _return(case: Case, key: str, months: int) -> None:
    owner = case.cast.officer(case.part.theme.programme, "owner")
    operations.report_undelivered(_asked(case, key, months), by=owner, reason=RETURNED)


def _hand_over(case: Case, key: str, months: int) -> None:
    request = _asked(case, key, months)
    coordinator = case.cast.coordinator(request.organisation)
    operations.hand_over(request, by=coordinator, colleague=request.colleagues[0], note="I was away in those days.")


# What they say


def said(case: Case, key: str, request: QuestionnaireRequest) -> dict[str, Any]:
    """The entry's words for a questionnaire, as its items take them (questionnaires/items.py)."""
    words: dict[str, Any] = dict(case.entry.get(key, {}))
    if "mood" in words:
        words = _tapped(words.pop("mood")) | words
    if "changes" in words:
        words["changes"] = _changes(words["changes"])
    words |= dict(_about_lines(case, key, request, queries.lines_of(request)))
    asked = {item.key for item in request.asked_version.items}
    return {item: value for item, value in words.items() if item in asked and value is not None}


def _about_lines(case: Case, key: str, request: QuestionnaireRequest, lines: Lines) -> Iterator[tuple[str, Any]]:
    """What is answered line by line."""
    yield "met", _by_line(lines.objectives, case.entry.get(key, {}).get("met") if key == "end_guest" else None)
    yield "practice", _by_line(lines.objectives, case.entry.get("practice", {}).get(key))
    if lines.states:
        yield "take_over_states", dict(_states(case, key, lines.states))
    if key == "end_guest":
        yield "take_overs", [_planned(case, each) for each in case.take_overs]
    if key == "manager":
        yield "confirmed", _confirmed(case, request.asking.round, lines.take_overs)
    if lines.key_figures and "key_figure" in case.entry:
        yield "key_figures", {next(iter(lines.key_figures)): case.entry["key_figure"]}


def _by_line(lines: Mapping[str, str], answers: Sequence[Any] | None) -> dict[str, str] | None:
    return dict(zip(lines, map(str, answers), strict=True)) if answers else None


def _changes(rows: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [_row(kind=kind, what=what, evidence=evidence) for kind, what, evidence in rows]


def _tapped(mood: int) -> dict[str, Any]:
    """The scales, from a mood of 1 to 5; each questionnaire takes those it has."""
    better, worse, content = min(mood + 1, 5), max(mood - 1, 1), "yes" if mood > 2 else "no"
    return {
        "relevance": mood, "trust": better, "apply": worse, "recommend": 2 * mood, "prepared": mood, "worked": better,
        "length": "right" if mood > 3 else "long", "effort_worth": content, "repeat": content, "contacts": str(2 * worse),
        "again": {5: "yes", 4: "yes", 3: "unsure"}.get(mood, "no"), "met_managers": str(mood), "met_members": str(2 * mood),
        "met_policy_makers": str(worse - 1),
    }  # fmt: skip


def _row(**columns: Any) -> dict[str, Any]:
    """What is empty is not there."""
    return {name: value for name, value in columns.items() if value}


def _planned(case: Case, each: Mapping[str, Any]) -> dict[str, Any]:
    by_when = case.cast.day(case.part.last_day) + timedelta(days=each["by_when"]) if "by_when" in each else None
    return _row(what=each["what"], who=each["who"], by_when=by_when.isoformat() if by_when else None, objective=each["objective"])


def _states(case: Case, key: str, now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for line, each in zip(now, case.take_overs, strict=True):
        state = each.get(key, now[line])
        yield line, state
        if state == "dropped" != now[line]:
            yield f"{line}_why", each["why"]


def _of_manager(each: Mapping[str, Any], months: int) -> str:
    at_six, at_twelve = each.get("manager", ("", ""))
    return str(at_twelve if months == 12 else at_six)


def _confirmed(case: Case, months: int, lines: Mapping[str, str]) -> dict[str, str]:
    """By the keys of the take-overs that the manager is asked about."""
    known = {each["what"]: _of_manager(each, months) for each in case.take_overs}
    return {key: known[what] for key, what in lines.items() if known[what]}


def _show(case: Case) -> None:
    """Links to what is in use, where there is something to see."""
    links = {each["what"]: each["link"] for each in case.take_overs if "link" in each}
    for take_over in takeover_queries.of_exchange(case.exchange.id):
        if take_over.what in links:
            takeovers.add_evidence(take_over, by=case.part.guest, url=links[take_over.what], name=take_over.what)


# Key figures, knowledge vouchers, consent


def _serve(case: Case) -> None:
    exchange = case.exchange
    if "key_figure" in case.entry:
        home = exchange.guest_organisation_id
        chosen = [each.id for each in keyfigure_queries.current_of(home)][:1]
        keyfigures.serve(exchange, chosen=chosen, organisation_id=home, today=exchange.programme.today)


def measured(cast: Cast, about: Mapping[str, Any]) -> Story:
    """A key figure of a guest's organisation, from its baseline to its newest value."""
    yield about["baseline_on"]
    guest = next(user for user in cast.guests if user.name == about["guest"])
    home, menu = cast.home[guest.id], MENU[about["kind"]]
    figure: KeyFigure = keyfigures.add(
        home,
        by=cast.coordinator(home),
        kind=about["kind"],
        name=menu.name,
        unit=menu.unit,
        baseline=Decimal(about["baseline"]),
        baseline_on=cast.day(about["baseline_on"]),
        target=Decimal(about["target"]),
        target_on=cast.day(about["target_on"]),
        strategy=about.get("strategy", ""),
    )
    for day, value in about["values"]:
        yield day
        keyfigures.record(figure, by=cast.coordinator(home), value=Decimal(value), on=cast.day(day))


def used(cast: Cast, need: Need, about: Mapping[str, Any]) -> Story:
    """What the holder of a knowledge voucher says on delivery, and half a year later."""
    delivered = need.asked + 30
    for key, day in (("delivery", delivered + 1), ("applied", _months_later(cast, delivered, 6))):
        yield next_monday(cast, day) + 2
        request = QuestionnaireRequest
        of_need = select(request).join(request.voucher).join(request.questionnaire)
        one = db.session.scalars(of_need.where(Voucher.need == need.need, Questionnaire.key == key)).one()
        words = dict(about[key])
        if "changes" in words:
            words["changes"] = _changes(words["changes"])
        operations.save_draft(one, words)
        operations.send(one, by=one.respondent)


def changed_mind(cast: Cast, about: Mapping[str, Any], theme: Theme) -> Story:
    """A side does not want to be told about any more."""
    yield about["day"]
    guest = next(user for user in cast.guests if user.name == about["guest"])
    by = guest if about["side"] == "guest" else cast.coordinator(theme.host)
    change_consent(exchange_of(theme, guest), side=about["side"], publish=about["publish"], by=by)
