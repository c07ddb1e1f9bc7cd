"""The parts that pay a share: of the agreed price, or of what something really costs."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import Field

from mobility.people.roles import KIND_LABELS, OrganisationKind
from mobility.rates.cards import Place, readable_setting
from mobility.rates.parts.base import Percent, Traits, percent, rate, short_text

BY_KIND = {f"share_{kind}": kind for kind in OrganisationKind}


class Share(Traits):
    """A percentage, and others for some kinds of organisation."""

    @classmethod
    def first(cls, settings: Mapping[str, Any], countries: Iterable[str]) -> dict[str, Any]:
        shares = settings.get("shares", {})
        own = {name: readable_setting("share", shares[kind]) for name, kind in BY_KIND.items() if kind in shares}
        return super().first(settings, countries) | own

    def settings(self) -> dict[str, Any]:
        shares = {kind.value: self[name].share for name, kind in BY_KIND.items() if self[name].data is not None}
        return super().settings() | ({"shares": shares} if shares else {})

    def places(self) -> dict[Place, Field]:
        return super().places() | {("shares", kind.value): self[name] for name, kind in BY_KIND.items()}


def _share_of(kind: OrganisationKind) -> Percent:
    return percent(f"{KIND_LABELS[kind]}, in percent", "Empty: as for all others.")


for name, kind in BY_KIND.items():
    setattr(Share, name, _share_of(kind))


class SharePart(Share):
    title = "A share of the price"
    words = "Co-funding: the programme pays a percentage of the agreed price, the holder pays the rest."
    share = percent("The programme pays, in percent", "Such as 60.")
    minimum = rate("Nothing below", help="If the share comes to less, the voucher cannot be requested.")
    cap = rate("At most")
    own_contribution = rate("Own contribution", help="Taken off the price first; then the percentage is often 100.")
    floor = rate("Topped up to", help="If the share comes to less, this is paid instead of nothing.")
    needed = ("share",)
    plain = ("minimum", "floor", "own_contribution", *Share.plain)
    more = ("own_contribution", "floor", "condition", *BY_KIND)


class CostsPart(Share):
    title = "Real costs, at a share"
    words = "The guest says what something costs and, with the claim, what it cost; the programme pays a percentage of it."
    label = short_text("What it is for", "Such as Accommodation. The guest is asked by this name.")
    share = percent("The programme pays, in percent", "Such as 80.")
    needed = ("label", "share")
    plain = Share.plain
    more = ("condition", *BY_KIND)

    def settings(self) -> dict[str, Any]:
        found = super().settings()
        return found | {"label": found["label"] or ""}
