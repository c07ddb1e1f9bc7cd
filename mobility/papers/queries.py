"""What is printed on each paper, and what a code belongs to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.core.clock import day_of
from mobility.core.database import db
from mobility.core.links import absolute, path_of
from mobility.core.money import ENGLISH, in_notation, written
from mobility.documents.codes import grouped
from mobility.documents.papers import (
    AgendaDay,
    AgreementPaper,
    CertificatePaper,
    Contact,
    Delegate,
    PaperLine,
    PaperSignature,
    Shown,
    StoryPaper,
    VoucherPaper,
)
from mobility.exchanges.endorsing import ENDORSED, REQUIRED, answer
from mobility.exchanges.models import AgreementVersion, Exchange
from mobility.people.roles import LEVEL_LABELS, Level
from mobility.rates.rules import AmountLine
from mobility.stories import queries as stories
from mobility.stories.feed import address
from mobility.stories.queries import Told
from mobility.stories.rules import Chapter, called, in_words, words_of
from mobility.uploads import files
from mobility.vouchers.models import Voucher
from mobility.vouchers.states import EXPIRED, ISSUED
from mobility.vouchers.workflow import WORKFLOW

# Codes

AGREED_BEFORE = "Agreed before it came here"


@dataclass(frozen=True)
class Genuine:
    """What the public page says of a code, and nothing else: what kind of paper, and its state in words."""

    paper: str
    state: str
    good: bool
    subject: Any


def by_code(code: str) -> Genuine | None:
    """What a code (in its stored form) belongs to: a voucher or a certificate of attendance."""
    voucher = db.session.scalar(
        select(Voucher).where(Voucher.code == code).options(joinedload(Voucher.programme, innerjoin=True))
    )
    if voucher is not None:
        state = EXPIRED if _is_over(voucher) else voucher.state
        return Genuine("voucher", voucher.state_label(state), WORKFLOW.state(state).kind != "stopped", voucher)
    exchange = db.session.scalar(select(Exchange).where(Exchange.certificate_code == code))
    return Genuine("certificate of attendance", "Attendance confirmed", True, exchange) if exchange else None


def _is_over(voucher: Voucher) -> bool:
    """Its last day has passed, even if the nightly job has not been there yet."""
    return voucher.state == ISSUED and voucher.valid_until is not None and voucher.valid_until < voucher.programme.today


MOST_NEED = 400  # characters of it on the paper, which is one page


def voucher_paper(voucher: Voucher, locale: str = ENGLISH) -> VoucherPaper:
    """An issued voucher as its holder carries it, with amounts in the notation of whoever takes it."""
    exchange, names = voucher.exchange, voucher.names
    assert voucher.code and voucher.issued_at and voucher.valid_from and voucher.valid_until  # noqa: S101, PT018 (issued)
    return VoucherPaper(
        reference=voucher.reference,
        code=grouped(voucher.code),
        verify_url=check_address(voucher.code),
        programme=names.programme,
        call=names.call,
        kind=voucher.traits.label,
        holder_name=names.holder,
        holder_organisation=names.holder_organisation,
        host_organisation=names.counterpart,
        theme=names.theme,
        delegation=_delegation(exchange) if exchange else (),
        first_day=exchange.first_day if exchange else None,
        last_day=exchange.last_day if exchange else None,
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until,
        lines=tuple(_printed(each, locale) for each in voucher.amount_lines),
        total=voucher.amount,
        currency=voucher.programme.currency,
        locale=locale,
        issued_on=voucher.issued_at.astimezone(ZoneInfo(voucher.timezone)).date(),
        how_to_use=how_to_use(voucher),
        contact=names.programme,
        place=voucher.traits.counterpart.capitalize(),
        need=shorten(voucher.need, MOST_NEED, placeholder=" …"),
        price=voucher.price if voucher.traits.rests_on_price or voucher.own_share else None,
        own_share=voucher.own_share or None,
    )


def _printed(line: AmountLine, locale: str) -> PaperLine:
    rule = in_notation(line.rule, locale)
    return PaperLine(line.label, line.quantity, line.unit, line.unit_amount, line.amount, rule)


def how_to_use(voucher: Voucher) -> tuple[str, ...]:
    """What its holder does with it, step by step."""
    steps = voucher.traits.words.how_to_use
    if voucher.traits.rests_on_price and (voucher.own_share or (voucher.price or 0) > voucher.amount):
        return (*steps, "You pay your own share of the price to the provider.")
    return steps


def certificate_paper(exchange: Exchange) -> CertificatePaper:
    """What the host confirmed of a completed exchange."""
    first_day, last_day = exchange.actual_first_day, exchange.actual_last_day
    assert first_day and last_day and exchange.confirmed_on and exchange.certificate_code  # noqa: S101, PT018 (completed)
    names = exchange.names_on_certificate
    return CertificatePaper(
        reference=f"E-{exchange.id:06d}",
        code=grouped(exchange.certificate_code),
        verify_url=check_address(exchange.certificate_code),
        guests=tuple(exchange.attended),
        guest_organisation=f"{names.guest_organisation}, {names.guest_city}",
        host_organisation=f"{names.host}, {names.host_city}",
        theme=names.theme,
        programme=names.programme,
        first_day=first_day,
        last_day=last_day,
        days=_days(first_day, last_day),
        confirmed_by=exchange.confirmed_by_name or names.host,
        confirmed_on=exchange.confirmed_on,
    )


def agreement_paper(exchange: Exchange, version: AgreementVersion) -> AgreementPaper:
    """One version of an agreement with the signatures it has."""
    zone = ZoneInfo(exchange.timezone)
    by_side = {signature.side: signature for signature in version.signatures}
    names, before = version.names, version.agreed_elsewhere_on
    sides = (("host", "Host", names.host), ("guest", "Guest", names.guest_organisation))
    return AgreementPaper(
        reference=f"E-{exchange.id:06d}",
        version=version.number,
        written_on=version.written_at.astimezone(zone).date(),
        programme=names.programme,
        theme=names.theme,
        host_organisation=f"{names.host}, {names.host_city}",
        guest_organisation=f"{names.guest_organisation}, {names.guest_city}",
        delegation=_travellers(version),
        payment=f"By {names.guest_organisation}" if version.self_funded else f"With a mobility voucher of {names.programme}",
        first_day=version.first_day,
        last_day=version.last_day,
        objectives=_texts(version.objectives),
        host_benefit=_texts(version.host_benefit),
        guest_benefit=_texts(version.guest_benefit),
        agenda=tuple(AgendaDay(date.fromisoformat(each["day"]), each["plan"]) for each in version.agenda),
        contacts=(_contact("Host", version.host_contact), _contact("Guest", version.guest_contact)),
        confirms_later=version.manager_name,
        signatures=tuple(
            PaperSignature(label, organisation, signed.name, signed.signed_at.astimezone(zone).date())
            if (signed := by_side.get(side))
            else PaperSignature(label, organisation, AGREED_BEFORE if before else "", before)
            for side, label, organisation in sides
        )
        + tuple(_endorsements(exchange, version)),
    )


def _endorsements(exchange: Exchange, version: AgreementVersion) -> Iterator[PaperSignature]:
    """The third signature: given, or missing where the programme asks for it."""
    given, home = answer(version, ENDORSED), version.names.guest_organisation
    if given:
        whose = f"{version.names.programme}, in place of {home}" if given.for_programme else home
        yield PaperSignature("Guest organisation", whose, given.name, day_of(given.given_at, exchange.timezone), endorses=True)
    elif exchange.endorsement == REQUIRED:
        yield PaperSignature("Guest organisation", home, endorses=True)


def _texts(lines: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(line["text"] for line in lines)


def story_paper(told: Told) -> StoryPaper:
    """A story as everybody may read it now; its first picture large, the others small."""
    version, names = told.version, told.version.names
    published_at, words = told.story.published_at, words_of(names)
    assert published_at  # noqa: S101 (told)
    return StoryPaper(
        title=version.texts["title"],
        programme=names["programme"],
        guest=called(names, "guest", told.publish),
        host=called(names, "host", told.publish),
        first_day=date.fromisoformat(names["first_day"]),
        last_day=date.fromisoformat(names["last_day"]),
        published_on=day_of(published_at, told.story.timezone),
        address=address(told),
        version=version.number,
        figures=tuple(in_words(version.figures, lambda amount: written(amount, names["currency"]))),
        chapters=tuple(_chapters(version.texts, words.chapters)),
        sides=(words.guest, words.host),
        when=words.when,
        pictures=tuple(_shown(stories.as_told(told))),
    )


def _chapters(texts: Mapping[str, Any], chapters: Sequence[Chapter]) -> Iterator[tuple[str, str]]:
    yield from ((each.label, texts[each.key]) for each in chapters if texts.get(each.key))
    if served := texts.get("serves"):
        yield "What it serves", "\n".join(each["words"] for each in served)


def _shown(reading: stories.Reading) -> Iterator[Shown]:
    """Those that the store has now: a paper without a picture is better than none."""
    for number, (picture, alt) in enumerate(reading.pictures):
        try:
            yield Shown(files.store().read(picture.small_key if number else picture.key), alt)
        except files.Unavailable:
            continue


def check_address(code: str) -> str:
    """Where the QR code leads: the public page that says whether a paper is genuine."""
    return absolute(path_of("papers.check_code", code=grouped(code)))


def _delegation(exchange: Exchange) -> tuple[Delegate, ...]:
    return tuple(Delegate(each.name, LEVEL_LABELS[Level(each.level)]) for each in exchange.delegates)


def _travellers(version: AgreementVersion) -> tuple[Delegate, ...]:
    """Those whom the version names: of one that nobody has signed, some may have been replaced since."""
    levels = {name: LEVEL_LABELS[Level(level)] for name, level in version.names.guests}
    if version.signed_names or not version.travellers:
        return tuple(Delegate(name, LEVEL_LABELS[Level(level)]) for name, level in version.names.guests)
    return tuple(Delegate(name, levels.get(name, "")) for name in version.travellers.splitlines())


def _contact(side: str, text: str) -> Contact:
    name, _, email = text.partition(",")
    return Contact(side, name.strip(), email.strip())


def _days(first_day: date, last_day: date) -> int:
    """Both the first and the last day count (money.md)."""
    return (last_day - first_day).days + 1
