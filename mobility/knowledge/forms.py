"""The form of the draft of a voucher that rests on a price: all of it on one page (P10)."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField, SelectField
from wtforms.validators import Optional

from mobility.core.fields import NOT_IN_THE_LIST, Wanted, agreed_price, choices, essay, in_currency
from mobility.core.forms import CreateForm
from mobility.core.numbers import whole_number
from mobility.knowledge.queries import Offered
from mobility.people.models import Organisation
from mobility.programmes.models import Programme
from mobility.rates.cards import MOST_AMOUNT
from mobility.vouchers.models import Voucher


def _id(value: Any) -> int | None:
    """Of what was chosen; nonsense is the id of nothing."""
    id = whole_number(str(value or ""))
    return -1 if value and id is None else id


def _choice(label: str, help: str = "") -> SelectField:
    return SelectField(label, description=help, coerce=_id, validators=[Wanted()], invalid_choice_message=NOT_IN_THE_LIST)


class KnowledgeForm(CreateForm):
    """What the holder needs, from whom, at which price. While it is a draft, all but the first two may be missing."""

    version = HiddenField()
    organisation = _choice("For which of your organisations")
    programme = _choice("Programme", "Only programmes that now offer such vouchers to colleagues like you.")
    need = essay(
        "What do you need, and what for?",
        "The training or service, and what should be better at home afterwards. The programme decides on this basis.",
        rows=6,
    )
    provider = _choice("Provider", "Who provides the training or service, and invoices it.")
    price = agreed_price("What the provider charges in all. The programme pays a share of it.", MOST_AMOUNT, Wanted(), Optional())

    @classmethod
    def of(cls, voucher: Voucher, offered: Offered) -> "KnowledgeForm":
        """The form with what stands in the draft."""
        in_currency(voucher.programme.currency)
        form = cls(formdata=None, data=_stored(voucher))
        form.prepare(offered, voucher)
        return form

    def prepare(self, offered: Offered, voucher: Voucher | None = None) -> None:
        """What the holder can choose from; what the draft already says stays a choice until the request is judged."""
        kept = (voucher.programme, voucher.holder_organisation, voucher.provider) if voucher else (None, None, None)
        lists: tuple[Sequence[Any], ...] = (offered.programmes, offered.organisations, offered.providers)
        self.lists: dict[str, Mapping[int, Programme | Organisation]] = {
            name: {each.id: each for each in [*listed, *([own] if own else [])]}
            for name, listed, own in zip(("programme", "organisation", "provider"), lists, kept, strict=True)
        }
        for name, first in (("programme", ""), ("organisation", ""), ("provider", "Choose")):
            self[name].choices = choices({id: _words(each) for id, each in self.lists[name].items()}, first)

    def given(self) -> dict[str, Any]:
        """For `knowledge.start` and `knowledge.describe`."""
        values = super().given()
        chosen = {name: listed.get(values[name]) for name, listed in self.lists.items()}
        return {**values, **chosen}


def _stored(voucher: Voucher) -> dict[str, Any]:
    return {
        "version": voucher.version,
        "organisation": voucher.holder_organisation_id,
        "programme": voucher.programme_id,
        "need": voucher.need,
        "provider": voucher.provider_id,
        "price": voucher.price,
    }


def _words(chosen: Programme | Organisation) -> str:
    return f"{chosen.name}, {chosen.city}" if isinstance(chosen, Organisation) else chosen.name
