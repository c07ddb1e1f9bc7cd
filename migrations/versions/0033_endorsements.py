"""The home organisation endorses an exchange; no programme asks for it yet, and what has begun goes on as it did.

Mails carry invitations to calendars, and calendars subscribe to a private address.
"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('endorsement', sa.String(), server_default='off', nullable=False))
        batch_op.add_column(sa.Column('endorsement_days', sa.Integer(), server_default='7', nullable=False))
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.add_column(sa.Column('endorsement', sa.String(), server_default='off', nullable=False))
        batch_op.add_column(sa.Column('endorser', sa.String(), server_default='home', nullable=False))
        batch_op.add_column(sa.Column('objected', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table('endorsement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement_version_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('given_by_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('for_programme', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['agreement_version_id'], ['agreement_version.id'], name=op.f('fk_endorsement_agreement_version_id_agreement_version')),
    sa.ForeignKeyConstraint(['given_by_id'], ['user.id'], name=op.f('fk_endorsement_given_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_endorsement')),
    sa.UniqueConstraint('agreement_version_id', 'kind', name=op.f('uq_endorsement_agreement_version_id_kind'))
    )
    op.create_table('calendar_address',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_calendar_address_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_address')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_address_token_hash')),
    sa.UniqueConstraint('user_id', name=op.f('uq_calendar_address_user_id'))
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('calendar', sa.String(), server_default='', nullable=False))


def downgrade():
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_column('calendar')
    op.drop_table('calendar_address')
    op.drop_table('endorsement')
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.drop_column('objected')
        batch_op.drop_column('endorser')
        batch_op.drop_column('endorsement')
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.drop_column('endorsement_days')
        batch_op.drop_column('endorsement')
