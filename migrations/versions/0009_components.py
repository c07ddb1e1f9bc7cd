"""Rate cards are lists of components, so that one card can have two of a kind; each has a key, which its lines carry.

The components of older cards are called after their kind, as their lines say already: nothing else that was kept changes. On the
way down the second of a kind, and the kinds that older versions do not know, are left out; vouchers keep their lines.
"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
CARD = sa.table("rate_card", sa.column("id", sa.Integer), sa.column("components", JSON))
KNOWN = ("lump_by_country", "distance_band", "daily", "monthly", "share_of_cost", "fixed", "cap")  # to version 0008, in their order


def upgrade():
    _rewrite(lambda card: [{"component": name, "key": name, **card[name]} for name in sorted(card, key=KNOWN.index)])


def downgrade():
    _rewrite(lambda card: {part["key"]: _settings(part) for part in card if part["key"] in KNOWN})


def _settings(part):
    return {name: value for name, value in part.items() if name not in ("component", "key")}


def _rewrite(change):
    """Cards never change but here: their trigger stands aside for it."""
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    op.execute("DROP TRIGGER rate_card_unchanged" if sqlite else "DROP TRIGGER rate_card_unchanged ON rate_card")
    for id, card in connection.execute(sa.select(CARD.c.id, CARD.c.components)).all():
        connection.execute(sa.update(CARD).where(CARD.c.id == id).values(components=change(card)))
    if sqlite:
        refuse = "BEGIN SELECT RAISE(ABORT, 'Records in rate_card are never changed or deleted'); END"
        when = "BEFORE UPDATE ON rate_card WHEN NOT coalesce(FALSE, FALSE)"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"
        when = "BEFORE UPDATE ON rate_card FOR EACH ROW WHEN (NOT coalesce(FALSE, FALSE))"
    op.execute(f"CREATE TRIGGER rate_card_unchanged {when} {refuse}")
