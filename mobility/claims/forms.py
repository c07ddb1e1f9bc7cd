"""The forms of claims."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from wtforms import FieldList, FormField, MultipleFileField, RadioField
from wtforms import Form as Row
from wtforms.validators import NumberRange, Optional

from mobility.asking.forms import CostsForm
from mobility.claims import queries
from mobility.claims.models import HOLDER, ORGANISATION, Claim
from mobility.claims.rules import (
    Correction,
    asked_costs,
    correct,
    correction_problem,
    is_light,
    sum_problem,
    wants_evidence,
)
from mobility.claims.worth import (
    Spent,
)
from mobility.core.errors import Problem, Refusal
from mobility.core.fields import (
    MOST_ENTRIES,
    Money,
    WholeNumber,
    choices,
    day,
    in_currency,
    long_text,
    money,
    more_than_zero,
    text,
)
from mobility.core.forms import ActionForm, ReasonForm
from mobility.core.web import format_money
from mobility.documents.filetypes import LIMITS
from mobility.followup.ends import report_of
from mobility.followup.forms import answering
from mobility.questionnaires.forms import AnswerForm, answer_form
from mobility.questionnaires.items import PREFIX, Lines
from mobility.questionnaires.reading import PLAIN
from mobility.rates.cards import MOST_AMOUNT
from mobility.rates.rules import AmountLine, total
from mobility.vouchers.models import Voucher
from mobility.vouchers.rules import claim_extension, claim_extension_problem

INVOICE = ("invoice_number", "invoice_total")
AS_IT_IS = {"invoice_total", "travel_days", "costs"}  # not text


class OneOf(RadioField):
    """One of a few, or none yet: a draft is kept at any stage."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class ClaimForm(CostsForm, AnswerForm):
    """The whole claim on one page, its report first; every field may be empty while it is a draft. `version` is that of both."""

    invoice_number = text("Number of your invoice", required=False, most=100)
    invoice_total = Money(
        "Total of your invoice", most=MOST_AMOUNT, validators=[Optional(), more_than_zero], render_kw={"inputmode": "decimal"}
    )
    travel_days = WholeNumber("Days of travel", validators=[Optional()])
    pay_to = OneOf("Paid to", invalid_choice_message="Choose one.")
    files = MultipleFileField(
        "Add files",
        description=LIMITS,
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"},
    )

    def prepare(self, voucher: Voucher) -> None:
        """Ask for no more than this voucher needs."""
        for field in (self.invoice_number, self.invoice_total):
            field.flags.required = True  # not to save a draft, but nothing is sent without them
        kind = voucher.traits
        travel_days = voucher.basis.get("travel_days", 0)
        self.ask_for_costs(asked_costs(voucher))
        unwanted = [
            *([] if kind.by_invoice else INVOICE),
            *([] if wants_evidence(voucher) else ["files"]),
            *([] if travel_days else ["travel_days"]),
            *([] if kind.pays_holder else ["pay_to"]),
        ]
        for name in [each for each in unwanted if each in self]:
            del self[name]
        wanted = [*INVOICE, "files", "travel_days"]
        for name in [each for each in wanted if each in self]:
            self[name].flags.required = True
        if travel_days:
            words = f"Enter a whole number from 0 to {travel_days}."
            self.travel_days.description = f"That you needed to get there and back: at most {travel_days}, as approved."
            self.travel_days.validators = [Optional(), NumberRange(0, travel_days, message=words)]
            self.travel_days.render_kw = {"min": 0, "max": travel_days}
        if kind.by_invoice:
            agreed = format_money(voucher.price, voucher.programme.currency)
            self.invoice_total.description = f"What you charge in all.{f' The agreed price is {agreed}.' if agreed else ''}"
        if kind.pays_holder:
            self.pay_to.flags.required = True
            self.pay_to.choices = choices({HOLDER: voucher.holder.name, ORGANISATION: voucher.holder_organisation.name})

    def given(self) -> dict[str, Any]:
        """The claim's fields and the `answers` of its report; files are added by themselves."""
        own = {name: value for name, value in super().given().items() if name != "files" and not name.startswith(PREFIX)}
        return {name: value if name in AS_IT_IS else value or "" for name, value in own.items()} | {"answers": self.answers()}

    @property
    def spent(self) -> Spent:
        """What is typed, as far as it makes sense."""
        days = self.travel_days.data if self.travel_days and self.travel_days.validate(self) else None
        return Spent(self.stated_costs, days)

    def sent_files(self) -> list[Any]:
        """Those that were chosen: a browser sends one without a name where none was."""
        field = self._fields.get("files")
        return [each for each in field.data or [] if getattr(each, "filename", "")] if field else []

    def typed(self) -> list[tuple[str, str]]:
        if "files" in self:
            self.files.raw_data = [each.filename for each in self.sent_files()]
        return super().typed()


def claim_form(voucher: Voucher, *, stored: bool = False) -> Any:
    """With what was sent in this request; stored: as the drafts of claim and report stand."""
    in_currency(voucher.programme.currency)
    claim, report = queries.claim_of(voucher), report_of(voucher)
    version = queries.version_of(claim, report)
    besides = {**_known(voucher, claim), "version": version}
    if report is not None:
        form = answering(report, stored=stored, base=ClaimForm, besides=besides)
    else:
        form = answer_form([], Lines(), {}, version, PLAIN, stored=stored, base=ClaimForm, besides=besides)
    form.prepare(voucher)
    return form


def _known(voucher: Voucher, claim: Claim | None) -> dict[str, Any]:
    """What the claim's own fields say as the draft stands."""
    spent = Spent.of(claim).costs
    costs = {"costs": [spent.get(key) for key, *_ in asked_costs(voucher)]}
    if claim is None:
        return costs | {"pay_to": HOLDER, "travel_days": voucher.travel_days}
    return costs | {name: getattr(claim, name) for name in (*INVOICE, "travel_days", "pay_to")}


class Reading:
    """The form holds what is needed to decide on a claim, for its summary."""

    def prepare(self, subject: Voucher) -> None:
        self.claim = queries.claim_of(subject)
        self.account = queries.account_of(self.claim) if self.claim else None
        self.twins = queries.twins_of(subject)


class ReturnForm(Reading, ReasonForm):
    """Back to the claimant: what is to be corrected."""


class ExtendClaimForm(ReasonForm):
    """A later last day to claim."""

    until = day("Claim by")

    @classmethod
    def first_values(cls, subject: Any) -> dict[str, Any]:
        return {"until": _claim_extension(subject)[1]}

    def prepare(self, subject: Any) -> None:
        self.days = _claim_extension(subject)
        self.until.description = f"{self.days[1]:%-d %B %Y} at the latest; a claim can be extended only once."

    def problems(self) -> Iterator[Problem]:
        if (until := self.right("until")) and (words := claim_extension_problem(until, *self.days)):
            yield Problem("until", words)


def _claim_extension(voucher: Any) -> tuple[date, date]:
    return claim_extension(voucher.claim_due_on, voucher.programme.today, voucher.programme.claim_days)


class LineForm(Row):
    """What is paid for one line."""

    amount = money("To pay")
    reason = text("Why less", required=False, most=500)


class ValidateForm(Reading, ActionForm):
    """Per line what is paid: as claimed, or less with a reason. In the scheme `light` there is nothing to fill in."""

    lines = FieldList(FormField(LineForm), "Line", max_entries=MOST_ENTRIES)
    note = long_text("Note", required=False, rows=3, help="Shown in the history; everybody involved can read it.")

    @classmethod
    def first_values(cls, subject: Voucher) -> dict[str, Any]:
        claim = queries.claim_of(subject)
        lines = claim.amount_lines if claim and not is_light(subject) else []
        return {"lines": [{"amount": line.amount} for line in lines if line.amount > 0]}

    def prepare(self, subject: Voucher) -> None:
        super().prepare(subject)
        self.voucher = subject
        claimed = self.claim.amount_lines if self.claim else []
        self.claimed = [(place, line) for place, line in enumerate(claimed) if line.amount > 0]
        if is_light(subject):
            del self.lines, self.note
            return
        while len(self.lines) > len(self.claimed):
            self.lines.pop_entry()
        while len(self.lines) < len(self.claimed):
            self.lines.append_entry({"amount": self.claimed[len(self.lines)][1].amount})

    def validate(self, extra_validators: Any = None) -> bool:
        """Each line whose amount can be read, whatever is wrong with others; and what all of them come to."""
        super().validate(extra_validators)
        for (_, line), row in self.rows():
            amount = None if row.amount.errors else row.amount.data
            if amount is None:
                continue
            if wrong := correction_problem(line.amount, amount, row.reason.data or "", row.amount.currency):
                row[wrong[0]].errors = [*row[wrong[0]].errors, wrong[1]]
        if "lines" in self:
            of_all = sum_problem(self.voucher, total(self.left)) if self.left is not None else None
            self.lines.errors = [*([of_all] if of_all else []), *(row.errors for _, row in self.rows() if row.errors)]
        return not self.errors

    def rows(self) -> list[tuple[Any, Any]]:
        """((place in the claim's lines, line), its fields) of each line that can be lowered."""
        fields = [entry.form for entry in self.lines] if "lines" in self else []
        return list(zip(self.claimed, fields, strict=False))

    @property
    def left(self) -> list[AmountLine] | None:
        """The lines as they would be paid by what is typed now; None while that makes no sense."""
        if self.claim is None or any(row.amount.data is None for _, row in self.rows()):
            return None
        try:
            return correct(self.claim.amount_lines, self.corrections("…"))
        except Refusal:
            return None

    def corrections(self, reason: str = "") -> list[Correction]:
        """The lines that are lowered; `reason` stands for one that is still to be typed."""
        return [
            Correction(place, row.amount.data, row.reason.data or reason)
            for (place, line), row in self.rows()
            if row.amount.data != line.amount
        ]

    def given(self) -> dict[str, Any]:
        return {"corrections": self.corrections(), "note": self.note.data or "" if "note" in self else ""}
