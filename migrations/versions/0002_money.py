"""Rates of both kinds, bank accounts, claims and payments."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('bank_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('holder_name', sa.String(), nullable=False),
    sa.Column('iban', sa.String(), nullable=False),
    sa.Column('bic', sa.String(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('usable_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(user_id IS NULL) <> (organisation_id IS NULL)', name=op.f('ck_bank_account_of_one')),
    sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_bank_account_added_by_id_user')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_bank_account_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_bank_account_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_account'))
    )
    with op.batch_alter_table('bank_account', schema=None) as batch_op:
        batch_op.create_index('ix_bank_account_organisation_in_force', ['organisation_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('ix_bank_account_user_in_force', ['user_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('payment_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('collected_by_id', sa.Integer(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('execution_on', sa.Date(), nullable=True),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['approved_by_id'], ['user.id'], name=op.f('fk_payment_batch_approved_by_id_user')),
    sa.ForeignKeyConstraint(['collected_by_id'], ['user.id'], name=op.f('fk_payment_batch_collected_by_id_user')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_payment_batch_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_batch')),
    sa.UniqueConstraint('message_id', name=op.f('uq_payment_batch_message_id'))
    )
    with op.batch_alter_table('payment_batch', schema=None) as batch_op:
        batch_op.create_index('ix_payment_batch_programme_id_state', ['programme_id', 'state'], unique=False)

    op.create_table('claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('voucher_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('objectives_met', sa.String(), nullable=False),
    sa.Column('report', sa.String(), nullable=False),
    sa.Column('take_overs', sa.String(), nullable=False),
    sa.Column('invoice_number', sa.String(), nullable=False),
    sa.Column('pay_to', sa.String(), nullable=False),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('explanation', sa.String(), nullable=False),
    sa.Column('corrections', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['user.id'], name=op.f('fk_claim_submitted_by_id_user')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_claim_voucher_id_voucher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    sa.UniqueConstraint('voucher_id', name=op.f('uq_claim_voucher_id'))
    )
    op.create_table('payment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('voucher_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('end_to_end_id', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payment_amount_positive')),
    sa.ForeignKeyConstraint(['account_id'], ['bank_account.id'], name=op.f('fk_payment_account_id_bank_account')),
    sa.ForeignKeyConstraint(['batch_id'], ['payment_batch.id'], name=op.f('fk_payment_batch_id_payment_batch')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_payment_voucher_id_voucher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('end_to_end_id', name=op.f('uq_payment_end_to_end_id'))
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_voucher_id'), ['voucher_id'], unique=False)
        batch_op.create_index('ix_payment_voucher_id_standing', ['voucher_id'], unique=True, sqlite_where=sa.text("outcome IS NULL OR outcome = 'paid'"), postgresql_where=sa.text("outcome IS NULL OR outcome = 'paid'"))

    op.create_table('evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('claim_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_evidence_added_by_id_user')),
    sa.ForeignKeyConstraint(['claim_id'], ['claim.id'], name=op.f('fk_evidence_claim_id_claim')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('claim_id', 'sha256', name=op.f('uq_evidence_claim_id_sha256')),
    sa.UniqueConstraint('key', name=op.f('uq_evidence_key'))
    )
    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('de_minimis_ceiling', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('provider_share_limit', sa.Integer(), nullable=False, server_default='30'))
        batch_op.add_column(sa.Column('score_sheet', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[{"criterion": "Learning that the organisation needs", "points": 30}, {"criterion": "Benefit for both sides", "points": 30}, {"criterion": "A plan that can be carried out", "points": 20}, {"criterion": "Use at home afterwards", "points": 20}]'))
        batch_op.add_column(sa.Column('account_holder', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('account_iban', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('account_bic', sa.String(), nullable=False, server_default=''))

    with op.batch_alter_table('rate_card', schema=None) as batch_op:
        batch_op.add_column(sa.Column('voucher_kind', sa.String(), nullable=False, server_default='mobility'))
        batch_op.drop_constraint(batch_op.f('uq_rate_card_programme_id_number'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_rate_card_programme_id_voucher_kind_number'), ['programme_id', 'voucher_kind', 'number'])

    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.add_column(sa.Column('link', sa.String(), nullable=False, server_default=''))

    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.add_column(sa.Column('need', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('price', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('green_travel', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('de_minimis_declared', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('holder_link', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('provider_link', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('scores', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('claim_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('claimed_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('validated_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('final_amount', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('paid_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('recovered_amount', sa.BigInteger(), nullable=True))
        batch_op.drop_index(batch_op.f('ix_voucher_budget_line_id'))
        batch_op.create_index('ix_voucher_budget_line_id_state_id_amount', ['budget_line_id', 'state', 'id', 'amount'], unique=False)

    # what is delivered now has its deadline in due_on
    op.execute("UPDATE voucher SET claim_due_on = due_on WHERE waiting_for = 'claim'")


def downgrade():
    # both kinds are counted together again
    op.execute("UPDATE rate_card SET number = number + 10000 WHERE voucher_kind = 'knowledge'")
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_index('ix_voucher_budget_line_id_state_id_amount')
        batch_op.create_index(batch_op.f('ix_voucher_budget_line_id'), ['budget_line_id'], unique=False)
        batch_op.drop_column('recovered_amount')
        batch_op.drop_column('paid_on')
        batch_op.drop_column('final_amount')
        batch_op.drop_column('validated_on')
        batch_op.drop_column('claimed_on')
        batch_op.drop_column('claim_due_on')
        batch_op.drop_column('scores')
        batch_op.drop_column('provider_link')
        batch_op.drop_column('holder_link')
        batch_op.drop_column('de_minimis_declared')
        batch_op.drop_column('green_travel')
        batch_op.drop_column('price')
        batch_op.drop_column('need')

    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_column('link')

    with op.batch_alter_table('rate_card', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_rate_card_programme_id_voucher_kind_number'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_rate_card_programme_id_number'), ['programme_id', 'number'])
        batch_op.drop_column('voucher_kind')

    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.drop_column('account_bic')
        batch_op.drop_column('account_iban')
        batch_op.drop_column('account_holder')
        batch_op.drop_column('score_sheet')
        batch_op.drop_column('provider_share_limit')
        batch_op.drop_column('de_minimis_ceiling')

    op.drop_table('evidence')
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_index('ix_payment_voucher_id_standing', sqlite_where=sa.text("outcome IS NULL OR outcome = 'paid'"), postgresql_where=sa.text("outcome IS NULL OR outcome = 'paid'"))
        batch_op.drop_index(batch_op.f('ix_payment_voucher_id'))
        batch_op.drop_index(batch_op.f('ix_payment_batch_id'))

    op.drop_table('payment')
    op.drop_table('claim')
    with op.batch_alter_table('payment_batch', schema=None) as batch_op:
        batch_op.drop_index('ix_payment_batch_programme_id_state')

    op.drop_table('payment_batch')
    with op.batch_alter_table('bank_account', schema=None) as batch_op:
        batch_op.drop_index('ix_bank_account_user_in_force', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_bank_account_organisation_in_force', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('bank_account')
