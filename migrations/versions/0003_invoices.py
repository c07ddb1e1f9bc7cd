"""The total of a provider's invoice; claims from before have none: it is asked for when they are sent again.

And the index by which a budget line's forecast reads the vouchers that ended last.
"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.add_column(sa.Column('invoice_total', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_index('ix_voucher_budget_line_id_state_id_amount')
        batch_op.create_index('ix_voucher_budget_line_id_state_issued_at', ['budget_line_id', 'state', 'issued_at'], unique=False)


def downgrade():
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_index('ix_voucher_budget_line_id_state_issued_at')
        batch_op.create_index('ix_voucher_budget_line_id_state_id_amount', ['budget_line_id', 'state', 'id', 'amount'], unique=False)

    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_column('invoice_total')
