"""Take-overs of a stay, as answers or people on the board make them; and key figures."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mobility.core.database import db
from mobility.exchanges.models import Exchange
from mobility.followup import operations as followup
from mobility.followup.models import QuestionnaireRequest
from mobility.keyfigures import operations as keyfigures
from mobility.keyfigures.models import KeyFigure
from mobility.people.models import Organisation, User
from mobility.takeovers import operations
from mobility.takeovers.models import TakeOver
from mobility.takeovers.queries import of_exchange
from tests.support.followups import Asked

ANSWERS = {"met": {"o1": "yes", "o2": "partly"}, "benefit": "yes"}
PRACTICE = {"practice": {"o1": "2", "o2": "3"}}


def taken(exchange: Exchange, *, by: User, what: str = "The price list", **given: Any) -> TakeOver:
    """One that was added on the board."""
    found = operations.add(exchange, by=by, what=what, **{"who": "", "by_when": None, "objective": "", **given})
    db.session.commit()
    return found


def measured(by: User, organisation: Organisation, **given: Any) -> KeyFigure:
    """A key figure: 10 members at the beginning of 2026."""
    values = {"kind": "", "name": "Members abroad", "unit": "members", "baseline": Decimal(10), "baseline_on": date(2026, 1, 1)}
    found = keyfigures.add(organisation, by=by, **values | {"target": None, "target_on": None, "strategy": ""} | given)
    db.session.commit()
    return found


def answer(request: QuestionnaireRequest, answers: Mapping[str, Any], *, by: Any = None) -> None:
    """Sent in the name of whoever was asked."""
    followup.save_draft(request, answers)
    followup.send(request, by=by or request.respondent)
    db.session.commit()


def answer_end(case: Asked, *what: str | Mapping[str, Any]) -> None:
    """The guest's end questionnaire, with these rows."""
    rows = [{"what": each} if isinstance(each, str) else dict(each) for each in what]
    answer(case.request("end_guest"), ANSWERS | {"take_overs": rows})


def board(exchange: Exchange) -> dict[str, tuple[str, str]]:
    """(what, state) by key, as it is stored."""
    db.session.expire_all()
    return {each.key: (each.what, each.state) for each in of_exchange(exchange.id)}
