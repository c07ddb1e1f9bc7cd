"""What changes questionnaires: a programme's first ones, and what its owner makes of them."""

from collections.abc import Sequence
from typing import Any

from mobility.audit.operations import record
from mobility.audit.rules import changes
from mobility.core.database import db
from mobility.core.errors import EditConflict, Refusal
from mobility.people.models import User
from mobility.programmes.models import Programme
from mobility.questionnaires.edits import MOST_ITEMS
from mobility.questionnaires.items import (
    Item,
    problems_of,
)
from mobility.questionnaires.models import Questionnaire, QuestionnaireVersion
from mobility.questionnaires.standard import STANDARD, standard_item
from mobility.workflows.table import By


def furnish(programme: Programme) -> None:
    """Give a new programme its copy of the standard set."""
    for position, each in enumerate(STANDARD, 1):
        made = Questionnaire(
            programme=programme,
            key=each.key,
            position=position,
            title=each.title,
            introduction=each.introduction,
            asked_of=each.asked_of,
            event=each.event,
            days=each.days,
            months=list(each.months),
            asks_from=programme.today,
        )
        db.session.add(made)
        made.versions.append(QuestionnaireVersion(number=1, stored=[item.stored() for item in each.items]))
    db.session.flush()


def edit_items(questionnaire: Questionnaire, items: Sequence[Item], *, by: By, seen: int) -> None:
    """Keep the items as the owner is editing them; nobody is asked them until they are published.

    Raises EditConflict if they are others than when the page was opened, Refusal if a standard item is not what it was.
    """
    _refuse_older_page(questionnaire, seen)
    if len(items) > MOST_ITEMS:
        raise Refusal(f"A questionnaire has at most {MOST_ITEMS} items: people answer short ones.")
    for item in items:
        standard = standard_item(questionnaire.key, item.key)
        if standard and (standard.kind, standard.options, standard.columns) != (item.kind, item.options, item.columns):
            raise Refusal(f"The kind and the options of “{item.text}” stay: figures rest on them.")
    questionnaire.draft = [each.stored() for each in items]
    db.session.flush()


def describe(questionnaire: Questionnaire, *, by: By, seen: int, **settings: Any) -> None:
    """Change its words and its days; what was asked already keeps its last day.

    With other days it begins anew: what would have been asked before today by them is not asked any more.
    """
    _refuse_older_page(questionnaire, seen)
    before, was = _when(questionnaire), {name: getattr(questionnaire, name, None) for name in settings}
    for name, value in settings.items():
        if name not in {"title", "introduction", "days", "months", "answer_days", "is_asked"}:
            raise TypeError(f"A questionnaire has no {name} to set")
        setattr(questionnaire, name, value)
    if _when(questionnaire) != before:
        questionnaire.asks_from = questionnaire.programme.today
    old, new = changes(was, settings)
    if new:
        _record("questionnaire_changed", questionnaire, by, before=old, after=new)
    db.session.flush()


def _record(act: str, questionnaire: Questionnaire, by: By, **facts: Any) -> None:
    record(act, by=by, about=questionnaire.title, programme_id=questionnaire.programme_id, **facts)


def _when(questionnaire: Questionnaire) -> tuple[int, list[int], bool]:
    return questionnaire.days, list(questionnaire.months), questionnaire.is_asked


def publish(questionnaire: Questionnaire, *, by: User, seen: int) -> QuestionnaireVersion:
    """The items as edited are asked from now on; who was asked already answers the version they were asked."""
    _refuse_older_page(questionnaire, seen)
    if questionnaire.draft is None:
        raise Refusal("Nothing has changed since the newest version.")
    if problems := problems_of(questionnaire.edited):
        raise Refusal(" ".join(problems))
    former = questionnaire.newest
    number = former.number + 1
    version = QuestionnaireVersion(number=number, stored=questionnaire.draft, published_by=by)
    questionnaire.versions.append(version)
    questionnaire.draft = None
    before, after = changes(_by_key(former), _by_key(version))
    _record("questionnaire_published", questionnaire, by, before=before, after=after)
    db.session.flush()
    return version


def _by_key(version: QuestionnaireVersion) -> dict[str, Any]:
    return {each["key"]: each for each in version.stored}


def discard(questionnaire: Questionnaire, *, by: By, seen: int) -> None:
    """Back to the newest version."""
    _refuse_older_page(questionnaire, seen)
    questionnaire.draft = None
    db.session.flush()


def _refuse_older_page(questionnaire: Questionnaire, seen: int) -> None:
    if seen != questionnaire.version:
        raise EditConflict(questionnaire)
