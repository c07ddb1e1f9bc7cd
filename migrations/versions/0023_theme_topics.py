"""Themes name topics; those there are name none yet."""
import re

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
theme = sa.table("theme", sa.column("id", sa.Integer), sa.column("facets", sa.String))


def upgrade():
    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('topics', JSON, server_default='[]', nullable=False))


def downgrade():
    """What is searched must not name what is not there any more."""
    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.drop_column('topics')
    connection = op.get_bind()
    named = sa.select(theme).where(theme.c.facets.contains(" topic:"))
    for id, facets in connection.execute(named).all():
        without = re.sub(r" topic:\S+", "", facets)
        connection.execute(theme.update().where(theme.c.id == id).values(facets=without.strip() and without))
