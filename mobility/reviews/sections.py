"""The parts of a review, in the order of the page: which figures each holds, which stand out, and how they are drawn. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mobility.outcomes.answers import QUESTIONNAIRES
from mobility.outcomes.process import PROMISES
from mobility.reviews.charts import LOW, Chart, Labels, Stack, bars, funnel, rates, stacked, waits
from mobility.reviews.readings import Reading, Readings

Draw = Callable[[Readings], Chart]


@dataclass(frozen=True)
class Section:
    """`prefixes`: of the keys of its figures. `main`: the figures shown large."""

    key: str
    title: str
    lead: str
    prefixes: tuple[str, ...]
    main: tuple[str, ...] = ()
    draws: tuple[Draw, ...] = ()

    def holds(self, key: str) -> bool:
        return key.startswith(self.prefixes)

    def readings(self, readings: Readings) -> list[Reading]:
        return [each for each in readings.values() if self.holds(each.key)]

    def large(self, readings: Readings) -> list[Reading]:
        return [readings[key] for key in self.main if key in readings]

    def charts(self, readings: Readings) -> list[Chart]:
        """Those that have something to show."""
        return [chart for chart in (draw(readings) for draw in self.draws) if not chart.is_empty]


def _funnel(key: str, title: str, labels: Labels) -> Draw:
    return lambda readings: funnel(key, title, labels, readings)


def _rates(key: str, title: str, labels: Labels, mark: tuple[Decimal, str] | None = None) -> Draw:
    return lambda readings: rates(key, title, labels, readings, mark=mark)


def _bars(key: str, title: str, labels: Labels) -> Draw:
    return lambda readings: bars(key, title, labels, readings)


def _stacked(key: str, title: str, stacks: Sequence[Stack]) -> Draw:
    return lambda readings: stacked(key, title, stacks, readings)


def _waits(readings: Readings) -> Chart:
    pairs = {
        "Request to decision": ("days_to_decide.median", "days_to_decide.p90"),
        "Claim to payment": ("days_to_pay.median", "days_to_pay.p90"),
    }
    return waits("waits", "How long people waited, in days", pairs, readings)


MET = {
    "objectives_met.yes": ("done", "Yes"),
    "objectives_met.partly": ("mine", "Partly"),
    "objectives_met.no": ("stopped", "No"),
}
TAKEN_HOME = {
    "take_overs.in_use": ("done", "In use"),
    "take_overs.started": ("accent", "Started"),
    "take_overs.planned": ("theirs", "Planned"),
    "take_overs.dropped": ("stopped", "Dropped"),
}
PIPELINE = {
    "pipeline.applications_submitted": "Applications submitted",
    "pipeline.applications_accepted": "Applications accepted",
    "pipeline.applications_confirmed": "Applications confirmed",
    "pipeline.agreements": "Agreements signed",
    "pipeline.vouchers_requested": "Vouchers requested",
    "pipeline.vouchers_approved": "Vouchers approved",
    "pipeline.vouchers_issued": "Vouchers issued",
    "pipeline.vouchers_redeemed": "Vouchers redeemed",
    "pipeline.exchanges_completed": "Exchanges completed",
    "pipeline.vouchers_paid": "Vouchers paid",
}
KNOWLEDGE = {
    f"pipeline_knowledge.vouchers_{step}": f"Vouchers {step}" for step in ("requested", "approved", "issued", "redeemed", "paid")
}
KEPT = {each.key: each.name.removeprefix("Promise kept: ").capitalize() for each in PROMISES}
ANYWAY = {"": ("done", "Not at all"), "_smaller": ("accent", "Smaller"), "_later": ("theirs", "Later")}
THE_SAME = ("plain", "Just the same")

SECTIONS = (
    Section(
        "promises",
        "What was promised, and kept",
        "Everybody who waits for somebody else has a promised day. These were kept on time.",
        ("kept.",),
        draws=(_rates("kept", "Promises kept on time", KEPT),),
    ),
    Section(
        "process",
        "What happened",
        "From the first application to the payment: how many came how far, and how long they waited.",
        ("pipeline.", "pipeline_knowledge.", "days_to_", "redemption_rate"),
        ("days_to_decide.median", "days_to_pay.median", "redemption_rate"),
        (
            _funnel("pipeline", "Staff exchanges, step by step", PIPELINE),
            _funnel("pipeline_knowledge", "Knowledge vouchers, step by step", KNOWLEDGE),
            _waits,
        ),
    ),
    Section(
        "cost",
        "What it cost",
        "What was paid, less what came back.",
        ("cost.",),
        ("cost.total", "cost.per_exchange", "cost.of_a_take_over"),
    ),
    Section(
        "change",
        "What changed",
        "What guests and hosts say came of it, up to a year later.",
        ("objectives_met.", "win_win", "change_in_practice", "take_overs.", "additionality.", "sums.", "hours."),
        ("win_win", "take_overs.in_use_after_a_year", "sums.members_served", "sums.leveraged"),
        (
            _stacked(
                "objectives",
                "Were the objectives met?",
                [Stack("Objectives of the guests", MET)],
            ),
            _stacked(
                "take_overs",
                "What became of the ideas taken home",
                [Stack("Take-overs", TAKEN_HOME)],
            ),
            _stacked(
                "additionality",
                "Without the grant, would it have happened?",
                [
                    Stack(f"Say {side}", {f"additionality.{side}{key}": word for key, word in ANYWAY.items()}, THE_SAME)
                    for side in ("guests", "hosts", "holders")
                ],
            ),
            _bars(
                "changes",
                "New at home",
                {
                    "sums.changes.service": "Services",
                    "sums.changes.tool": "Tools",
                    "sums.changes.procedure": "Procedures",
                    "sums.changes.policy_instrument": "Policy instruments",
                },
            ),
            _bars(
                "joint",
                "Done together since",
                {
                    "sums.joint.project": "Joint projects",
                    "sums.joint.proposal": "Joint proposals",
                    "sums.joint.introduction": "Members introduced",
                },
            ),
        ),
    ),
    Section(
        "meetings",
        "Who met whom",
        "Completed exchanges, by the levels and the countries of guests and hosts.",
        ("levels.", "first_time_pairs"),
        ("levels.mixed", "first_time_pairs"),
    ),
    Section(
        "answers",
        "Who has answered, and who has not",
        "Figures that rest on few answers are marked: less than 40 % of those who were asked.",
        ("response.", "not_delivered."),
        draws=(
            _rates(
                "response",
                "Answered, of those who answered or missed it",
                {f"response.{key}": name[:1].upper() + name[1:] for key, name in QUESTIONNAIRES.items()},
                (Decimal(LOW), f"{LOW} %"),
            ),
        ),
    ),
)
AT_A_GLANCE = (
    "pipeline.exchanges_completed",
    "cost.total",
    "kept.decision",
    "objectives_met.yes",
    "take_overs.in_use_after_a_year",
    "additionality.guests",
)
TABLES = {"levels": "Levels: guests to hosts", "countries": "Countries: guests to hosts"}


def section_of(key: str) -> Section:
    """Every figure is in one; of a snapshot that knows a figure of long ago, the last."""
    return next((each for each in SECTIONS if each.holds(key)), SECTIONS[-1])
