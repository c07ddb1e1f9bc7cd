"""A voucher keeps the names of the day on which it was issued; of those from before, nobody knows them."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        names = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
        batch_op.add_column(sa.Column('issued_names', names, server_default='{}', nullable=False))


def downgrade():
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_column('issued_names')
