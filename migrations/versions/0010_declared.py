"""What a guest declares is kept with the voucher, what was spent with the claim; an organisation may say its region.

Amounts of before stay as they were computed: nobody had declared anything, and no region counted.
"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade():
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('region', sa.String(), server_default='', nullable=False))

    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.add_column(sa.Column('travel_days', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('conditions_declared', JSON, server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('conditions_confirmed', JSON, server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('expected_costs', JSON, server_default='{}', nullable=False))

    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.add_column(sa.Column('travel_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('actual_costs', JSON, server_default='{}', nullable=False))


def downgrade():
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_column('actual_costs')
        batch_op.drop_column('travel_days')

    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_column('expected_costs')
        batch_op.drop_column('conditions_confirmed')
        batch_op.drop_column('conditions_declared')
        batch_op.drop_column('travel_days')

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_column('region')
