"""Copying a programme: its rules, rates, questionnaires, team and budget lines; no money, no cases, no account it pays from."""

from datetime import date
from typing import Any

from mobility.audit.operations import record
from mobility.core.database import db, table_of
from mobility.core.errors import NotAllowed
from mobility.people.models import User
from mobility.programmes.models import Programme
from mobility.programmes.operations import create_budget_line, create_call, create_programme
from mobility.questionnaires.models import QuestionnaireVersion
from mobility.rates.operations import save_rate_card
from mobility.renewals import queries
from mobility.teams.operations import invite_team, may_lead_programme

ITS_OWN = {"id", "name", "name_key", "level", "scheme", "created_at"}  # columns that the copy has by itself
OF_PERSON = {"contact_id", "contact_shown"}  # a person is named anew: only whoever is told stands on a public page
ASKED = ("title", "introduction", "asked_of", "event", "days", "months", "answer_days", "is_asked", "position")


def renew(
    programme: Programme,
    *,
    by: User,
    name: str,
    call: str,
    opens_on: date,
    closes_on: date | None = None,
    with_team: bool = True,
) -> Programme:
    """Another programme like this one, with one call. Who copies it owns it; the others of the team are invited, as a role
    begins with a yes. Raises Refusal at the field."""
    if not may_lead_programme(by, programme):
        raise NotAllowed("Only an owner of the programme can copy it.")
    rules = {
        each.name: getattr(programme, each.name) for each in table_of(Programme).columns if each.name not in ITS_OWN | OF_PERSON
    }
    rules["contact_public"] = bool(programme.contact_address) and programme.contact_public
    made = create_programme(by=by, name=name, level=programme.level, scheme=programme.scheme, **rules)
    _copy_rates(programme, made, by)
    _copy_questionnaires(programme, made)
    _copy_budget(programme, create_call(made, by=by, name=call, opens_on=opens_on, closes_on=closes_on), by)
    invite_team(made, queries.team(programme) if with_team else [], by=by)
    record("programme_copied", by=by, about=f"{programme.name}: {name}", programme_id=made.id)
    return made


def _copy_rates(programme: Programme, made: Programme, by: User) -> None:
    for card in queries.cards_in_force(programme.id):
        save_rate_card(made, by=by, components=card.components, voucher_kind=card.voucher_kind, name=card.name)


def _copy_questionnaires(programme: Programme, made: Programme) -> None:
    """As they are published; what somebody is still editing stays where it is. The copy has the standard set already."""
    there = queries.questionnaires(made.id)
    for key, asked in queries.questionnaires(programme.id).items():
        copy = there[key]
        for each in ASKED:
            setattr(copy, each, getattr(asked, each))
        if copy.newest.stored != asked.newest.stored:
            copy.versions.append(QuestionnaireVersion(number=copy.newest.number + 1, stored=list(asked.newest.stored)))
    db.session.flush()


def _copy_budget(programme: Programme, call: Any, by: User) -> None:
    """A line for each kind of voucher that the latest call had, without money."""
    for line in queries.latest_lines(programme.id):
        create_budget_line(call, by=by, voucher_kind=line.voucher_kind, name=line.name)
