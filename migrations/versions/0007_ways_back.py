"""Ways back: a claim extended once, an assessor who is against, an agreement without a voucher.

What was recovered in part is paid still: the rest can be recovered, too.
"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claim_extended', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('advised_against', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('self_funded', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.execute("UPDATE agreement_version SET self_funded = (SELECT self_funded FROM exchange WHERE exchange.id = exchange_id)")
    op.execute("UPDATE voucher SET state = 'paid' WHERE state = 'recovered' AND recovered_amount < final_amount")


def downgrade():
    op.execute("UPDATE voucher SET state = 'recovered' WHERE state = 'paid' AND recovered_amount > 0")
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.drop_column('self_funded')

    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_column('advised_against')
        batch_op.drop_column('claim_extended')
