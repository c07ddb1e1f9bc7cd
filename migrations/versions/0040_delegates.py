"""Personal links of those who travel. Nobody has one yet: they come with the next message about their stay."""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'delegate_link',
        sa.Column('exchange_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('email', sa.String(), nullable=False),
        sa.Column('token_hash', sa.String(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_delegate_link_exchange_id_exchange')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_delegate_link')),
        sa.UniqueConstraint('exchange_id', 'number', name=op.f('uq_delegate_link_exchange_id_number')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_delegate_link_token_hash')),
    )
    with op.batch_alter_table('delegate_link', schema=None) as batch_op:
        batch_op.create_index('ix_delegate_link_email', ['email'], unique=False)


def downgrade():
    op.drop_table('delegate_link')
    # 0033, which has landed, leaves exchanges waiting for what earlier versions do not know: signed by both, they wait for nobody
    op.execute("UPDATE exchange SET waiting_for = NULL, waiting_since = NULL, due_on = NULL WHERE waiting_for = 'endorsement'")
    op.execute("DELETE FROM promise_record WHERE promise = 'endorsement' AND ended_on IS NULL")
