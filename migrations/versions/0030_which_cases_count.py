"""A kept figure that is a share says which of its cases count; one that was kept before says so from the next night on."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    with op.batch_alter_table('kept_figure', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shares', JSON, nullable=True))


def downgrade():
    with op.batch_alter_table('kept_figure', schema=None) as batch_op:
        batch_op.drop_column('shares')
