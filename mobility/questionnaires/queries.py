"""Reading the questionnaires of a programme."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from mobility.core.database import db
from mobility.core.web import or_404
from mobility.lists.columns import Column, Kind, Listing
from mobility.programmes.models import Programme
from mobility.questionnaires.models import Questionnaire
from mobility.questionnaires.standard import AUDIENCES


def questionnaires(programme: Programme) -> Sequence[Questionnaire]:
    """All of a programme with their versions, in the order in which they are asked."""
    query = select(Questionnaire).where(Questionnaire.programme_id == programme.id).options(selectinload(Questionnaire.versions))
    return db.session.scalars(query.order_by(Questionnaire.position, Questionnaire.id)).all()


def questionnaire(programme: Programme, key: str, for_update: bool = False) -> Questionnaire:
    """One of a programme, or 404."""
    query = select(Questionnaire).where(Questionnaire.programme_id == programme.id, Questionnaire.key == key)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return or_404(db.session.scalar(query))


LIST = Listing(
    "questionnaires",
    "Questionnaires",
    (
        Column("Questionnaire", "title"),
        Column("Asked of", lambda each: AUDIENCES[each.asked_of]),
        Column("Days to answer", "days_to_answer", Kind.NUMBER),
        Column("Items", lambda each: len(each.newest.items), Kind.NUMBER),
        Column("Version", "newest.number", Kind.NUMBER),
        Column("Is asked", "is_asked", Kind.YES_NO),
    ),
)
