"""The tables of the first issue."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index('ix_attempt_kind_key_at', ['kind', 'key', 'at'], unique=False)

    op.create_table('form_receipt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('location', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_receipt')),
    sa.UniqueConstraint('key', name=op.f('uq_form_receipt_key'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('country', sa.String(), nullable=False),
    sa.Column('city', sa.String(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('sectors', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('website', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('name', name=op.f('uq_organisation_name'))
    )
    op.create_table('programme',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('scheme', sa.String(), nullable=False),
    sa.Column('timezone', sa.String(), nullable=False),
    sa.Column('country', sa.String(), nullable=True),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('eligible_countries', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('eligible_levels', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('minimum_days', sa.Integer(), nullable=False),
    sa.Column('maximum_days', sa.Integer(), nullable=False),
    sa.Column('open_applications_cap', sa.Integer(), nullable=False),
    sa.Column('host_answer_days', sa.Integer(), nullable=False),
    sa.Column('guest_confirmation_days', sa.Integer(), nullable=False),
    sa.Column('signature_days', sa.Integer(), nullable=False),
    sa.Column('voucher_request_days', sa.Integer(), nullable=False),
    sa.Column('answer_days', sa.Integer(), nullable=False),
    sa.Column('decision_working_days', sa.Integer(), nullable=False),
    sa.Column('validity_months', sa.Integer(), nullable=False),
    sa.Column('extension_months', sa.Integer(), nullable=False),
    sa.Column('attendance_days', sa.Integer(), nullable=False),
    sa.Column('claim_days', sa.Integer(), nullable=False),
    sa.Column('payment_days', sa.Integer(), nullable=False),
    sa.Column('questionnaire_days', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme')),
    sa.UniqueConstraint('name', name=op.f('uq_programme_name'))
    )
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=True),
    sa.Column('locale', sa.String(), nullable=False),
    sa.Column('is_administrator', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('demo_note', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('email', name=op.f('uq_user_email'))
    )
    op.create_table('call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_call_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('programme_id', 'name', name=op.f('uq_call_programme_id_name'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_programme_id'), ['programme_id'], unique=False)

    op.create_table('history_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('acted_as', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('from_state', sa.String(), nullable=False),
    sa.Column('to_state', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_history_entry_actor_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history_entry'))
    )
    with op.batch_alter_table('history_entry', schema=None) as batch_op:
        batch_op.create_index('ix_history_entry_actor_id_id', ['actor_id', 'id'], unique=False)
        batch_op.create_index('ix_history_entry_subject', ['subject_type', 'subject_id', 'id'], unique=False)

    op.create_table('mailed_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mailed_link_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailed_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_mailed_link_token_hash'))
    )
    with op.batch_alter_table('mailed_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mailed_link_user_id'), ['user_id'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.CheckConstraint('(organisation_id IS NULL) <> (programme_id IS NULL)', name=op.f('ck_membership_in_one')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_membership_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_membership_programme_id_programme')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_membership_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('user_id', 'organisation_id', 'role', name=op.f('uq_membership_user_id_organisation_id_role')),
    sa.UniqueConstraint('user_id', 'programme_id', 'role', name=op.f('uq_membership_user_id_programme_id_role'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index('ix_membership_organisation_id_role', ['organisation_id', 'role'], unique=False)
        batch_op.create_index('ix_membership_programme_id_role', ['programme_id', 'role'], unique=False)
        batch_op.create_index(batch_op.f('ix_membership_user_id'), ['user_id'], unique=False)

    op.create_table('outbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('subject_line', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('html', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('dedupe_key', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leased_by', sa.String(), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('subject_type', sa.String(), nullable=True),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('promise', sa.String(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['user.id'], name=op.f('fk_outbox_message_recipient_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_outbox_message_dedupe_key'))
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_message_state_next_try_at', ['state', 'next_try_at'], unique=False)
        batch_op.create_index('ix_outbox_message_subject', ['subject_type', 'subject_id'], unique=False)

    op.create_table('rate_card',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('components', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_rate_card_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rate_card')),
    sa.UniqueConstraint('programme_id', 'number', name=op.f('uq_rate_card_programme_id_number'))
    )
    with op.batch_alter_table('rate_card', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rate_card_programme_id'), ['programme_id'], unique=False)

    op.create_table('sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_sign_in_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_token_hash'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_user_id'), ['user_id'], unique=False)

    op.create_table('theme',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('summary', sa.String(), nullable=False),
    sa.Column('learning_offered', sa.String(), nullable=False),
    sa.Column('benefit_wanted', sa.String(), nullable=False),
    sa.Column('practical', sa.String(), nullable=False),
    sa.Column('levels', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('sectors', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('languages', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('minimum_days', sa.Integer(), nullable=False),
    sa.Column('maximum_days', sa.Integer(), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.Column('places_taken', sa.Integer(), nullable=False),
    sa.Column('search_text', sa.String(), nullable=False),
    sa.Column('facets', sa.String(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('apply_by', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('places_taken <= places', name=op.f('ck_theme_places_suffice')),
    sa.CheckConstraint('places_taken >= 0', name=op.f('ck_theme_places_taken_not_negative')),
    sa.ForeignKeyConstraint(['host_id'], ['organisation.id'], name=op.f('fk_theme_host_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_theme_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_theme'))
    )
    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_theme_host_id'), ['host_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_theme_programme_id'), ['programme_id'], unique=False)
        batch_op.create_index('ix_theme_state_apply_by_id', ['state', 'apply_by', 'id'], unique=False)

    op.create_table('application',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('theme_id', sa.Integer(), nullable=False),
    sa.Column('guest_id', sa.Integer(), nullable=False),
    sa.Column('guest_organisation_id', sa.Integer(), nullable=False),
    sa.Column('motivation', sa.String(), nullable=False),
    sa.Column('objectives', sa.String(), nullable=False),
    sa.Column('brings', sa.String(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('self_funded', sa.Boolean(), nullable=False),
    sa.Column('know_each_other', sa.Boolean(), nullable=False),
    sa.Column('offered_first_day', sa.Date(), nullable=True),
    sa.Column('offered_last_day', sa.Date(), nullable=True),
    sa.Column('submitted_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['guest_id'], ['user.id'], name=op.f('fk_application_guest_id_user')),
    sa.ForeignKeyConstraint(['guest_organisation_id'], ['organisation.id'], name=op.f('fk_application_guest_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_application_theme_id_theme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('ix_application_guest_id_state', ['guest_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_guest_organisation_id'), ['guest_organisation_id'], unique=False)
        batch_op.create_index('ix_application_theme_id_state', ['theme_id', 'state'], unique=False)
        batch_op.create_index('ix_application_waiting', ['theme_id', 'due_on'], unique=False, postgresql_where=sa.text('waiting_for IS NOT NULL'), sqlite_where=sa.text('waiting_for IS NOT NULL'))
        batch_op.create_index('ix_application_waiting_for_due_on', ['waiting_for', 'due_on'], unique=False)
        batch_op.create_index('uq_application_open', ['theme_id', 'guest_id'], unique=True, postgresql_where=sa.text("state IN ('draft', 'submitted', 'in_dialogue', 'accepted')"), sqlite_where=sa.text("state IN ('draft', 'submitted', 'in_dialogue', 'accepted')"))

    op.create_table('budget_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('voucher_kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('available', sa.BigInteger(), nullable=False),
    sa.Column('committed', sa.BigInteger(), nullable=False),
    sa.Column('spent', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('available >= 0', name=op.f('ck_budget_line_available_not_negative')),
    sa.CheckConstraint('committed >= 0', name=op.f('ck_budget_line_committed_not_negative')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_budget_line_call_id_call')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_line')),
    sa.UniqueConstraint('call_id', 'voucher_kind', name=op.f('uq_budget_line_call_id_voucher_kind'))
    )
    op.create_table('hosting_window',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('theme_id', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('apply_by', sa.Date(), nullable=False),
    sa.CheckConstraint('first_day <= last_day', name=op.f('ck_hosting_window_days_in_order')),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_hosting_window_theme_id_theme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hosting_window'))
    )
    with op.batch_alter_table('hosting_window', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hosting_window_theme_id'), ['theme_id'], unique=False)

    op.create_table('delegate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_delegate_application_id_application')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegate')),
    sa.UniqueConstraint('application_id', 'position', name=op.f('uq_delegate_application_id_position'))
    )
    op.create_table('exchange',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('theme_id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('guest_id', sa.Integer(), nullable=False),
    sa.Column('guest_organisation_id', sa.Integer(), nullable=False),
    sa.Column('self_funded', sa.Boolean(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('newest_version_id', sa.Integer(), nullable=True),
    sa.Column('agreed_version_id', sa.Integer(), nullable=True),
    sa.Column('actual_first_day', sa.Date(), nullable=True),
    sa.Column('actual_last_day', sa.Date(), nullable=True),
    sa.Column('attended', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('certificate_code', sa.String(), nullable=True),
    sa.Column('reports_due_on', sa.Date(), nullable=True),
    sa.Column('reports_missing', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('first_day <= last_day', name=op.f('ck_exchange_days_in_order')),
    sa.ForeignKeyConstraint(['agreed_version_id'], ['agreement_version.id'], name=op.f('fk_exchange_agreed_version_id_agreement_version'), use_alter=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_exchange_application_id_application')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['user.id'], name=op.f('fk_exchange_confirmed_by_id_user')),
    sa.ForeignKeyConstraint(['guest_id'], ['user.id'], name=op.f('fk_exchange_guest_id_user')),
    sa.ForeignKeyConstraint(['guest_organisation_id'], ['organisation.id'], name=op.f('fk_exchange_guest_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['host_id'], ['organisation.id'], name=op.f('fk_exchange_host_id_organisation')),
    sa.ForeignKeyConstraint(['newest_version_id'], ['agreement_version.id'], name=op.f('fk_exchange_newest_version_id_agreement_version'), use_alter=True),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_exchange_programme_id_programme')),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_exchange_theme_id_theme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exchange')),
    sa.UniqueConstraint('application_id', name=op.f('uq_exchange_application_id')),
    sa.UniqueConstraint('certificate_code', name=op.f('uq_exchange_certificate_code'))
    )
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.create_index('ix_exchange_guest_id_state', ['guest_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_exchange_guest_organisation_id'), ['guest_organisation_id'], unique=False)
        batch_op.create_index('ix_exchange_host_id_state', ['host_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_exchange_programme_id'), ['programme_id'], unique=False)
        batch_op.create_index('ix_exchange_state_first_day', ['state', 'first_day'], unique=False)
        batch_op.create_index(batch_op.f('ix_exchange_theme_id'), ['theme_id'], unique=False)
        batch_op.create_index('ix_exchange_waiting_for_due_on', ['waiting_for', 'due_on'], unique=False)

    op.create_table('first_contact',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_first_contact_application_id_application')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_first_contact_recorded_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_first_contact'))
    )
    with op.batch_alter_table('first_contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_first_contact_application_id'), ['application_id'], unique=False)

    op.create_table('agreement_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('objectives', sa.String(), nullable=False),
    sa.Column('guest_benefit', sa.String(), nullable=False),
    sa.Column('host_benefit', sa.String(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('agenda', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('host_contact', sa.String(), nullable=False),
    sa.Column('guest_contact', sa.String(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=True),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_agreement_version_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['written_by_id'], ['user.id'], name=op.f('fk_agreement_version_written_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_version')),
    sa.UniqueConstraint('exchange_id', 'number', name=op.f('uq_agreement_version_exchange_id_number'))
    )
    op.create_table('voucher',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=True),
    sa.Column('holder_id', sa.Integer(), nullable=False),
    sa.Column('holder_organisation_id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=True),
    sa.Column('provider_id', sa.Integer(), nullable=True),
    sa.Column('budget_line_id', sa.Integer(), nullable=True),
    sa.Column('rate_card_id', sa.Integer(), nullable=True),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('declarations', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('assessment', sa.String(), nullable=False),
    sa.Column('assessed_by_id', sa.Integer(), nullable=True),
    sa.Column('requested_on', sa.Date(), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('code', sa.String(), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('extended', sa.Boolean(), nullable=False),
    sa.Column('redeemed_on', sa.Date(), nullable=True),
    sa.Column('delivered_on', sa.Date(), nullable=True),
    sa.Column('validated_by_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_voucher_amount_not_negative')),
    sa.ForeignKeyConstraint(['assessed_by_id'], ['user.id'], name=op.f('fk_voucher_assessed_by_id_user')),
    sa.ForeignKeyConstraint(['budget_line_id'], ['budget_line.id'], name=op.f('fk_voucher_budget_line_id_budget_line')),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_voucher_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['holder_id'], ['user.id'], name=op.f('fk_voucher_holder_id_user')),
    sa.ForeignKeyConstraint(['holder_organisation_id'], ['organisation.id'], name=op.f('fk_voucher_holder_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['host_id'], ['organisation.id'], name=op.f('fk_voucher_host_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_voucher_programme_id_programme')),
    sa.ForeignKeyConstraint(['provider_id'], ['organisation.id'], name=op.f('fk_voucher_provider_id_organisation')),
    sa.ForeignKeyConstraint(['rate_card_id'], ['rate_card.id'], name=op.f('fk_voucher_rate_card_id_rate_card')),
    sa.ForeignKeyConstraint(['validated_by_id'], ['user.id'], name=op.f('fk_voucher_validated_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voucher')),
    sa.UniqueConstraint('code', name=op.f('uq_voucher_code'))
    )
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_voucher_budget_line_id'), ['budget_line_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_voucher_exchange_id'), ['exchange_id'], unique=False)
        batch_op.create_index('ix_voucher_holder_id_state', ['holder_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_voucher_holder_organisation_id'), ['holder_organisation_id'], unique=False)
        batch_op.create_index('ix_voucher_host_id_state', ['host_id', 'state'], unique=False)
        batch_op.create_index('ix_voucher_programme_id_due_on_id', ['programme_id', 'due_on', 'id'], unique=False)
        batch_op.create_index('ix_voucher_programme_id_state_due_on', ['programme_id', 'state', 'due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_voucher_provider_id'), ['provider_id'], unique=False)
        batch_op.create_index('ix_voucher_waiting_for_due_on', ['waiting_for', 'due_on'], unique=False)

    op.create_table('ledger_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('budget_line_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(), nullable=False),
    sa.Column('voucher_id', sa.Integer(), nullable=True),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['budget_line_id'], ['budget_line.id'], name=op.f('fk_ledger_entry_budget_line_id_budget_line')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_ledger_entry_by_id_user')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_ledger_entry_voucher_id_voucher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('key', name=op.f('uq_ledger_entry_key'))
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_entry_budget_line_id_id', ['budget_line_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_voucher_id'), ['voucher_id'], unique=False)

    op.create_table('signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement_version_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('signed_by_id', sa.Integer(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agreement_version_id'], ['agreement_version.id'], name=op.f('fk_signature_agreement_version_id_agreement_version')),
    sa.ForeignKeyConstraint(['signed_by_id'], ['user.id'], name=op.f('fk_signature_signed_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('agreement_version_id', 'side', name=op.f('uq_signature_agreement_version_id_side'))
    )
    op.create_table('posting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_posting_entry_id_ledger_entry')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posting'))
    )
    with op.batch_alter_table('posting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_posting_entry_id'), ['entry_id'], unique=False)

    if op.get_bind().dialect.name == "postgresql":  # exchanges and versions refer to each other; SQLite has these already
        op.create_foreign_key(op.f('fk_exchange_agreed_version_id_agreement_version'), 'exchange', 'agreement_version', ['agreed_version_id'], ['id'])
        op.create_foreign_key(op.f('fk_exchange_newest_version_id_agreement_version'), 'exchange', 'agreement_version', ['newest_version_id'], ['id'])


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f('fk_exchange_agreed_version_id_agreement_version'), 'exchange', type_='foreignkey')
        op.drop_constraint(op.f('fk_exchange_newest_version_id_agreement_version'), 'exchange', type_='foreignkey')
    with op.batch_alter_table('posting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_posting_entry_id'))

    op.drop_table('posting')
    op.drop_table('signature')
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_entry_voucher_id'))
        batch_op.drop_index('ix_ledger_entry_budget_line_id_id')

    op.drop_table('ledger_entry')
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_index('ix_voucher_waiting_for_due_on')
        batch_op.drop_index(batch_op.f('ix_voucher_provider_id'))
        batch_op.drop_index('ix_voucher_programme_id_state_due_on')
        batch_op.drop_index('ix_voucher_programme_id_due_on_id')
        batch_op.drop_index('ix_voucher_host_id_state')
        batch_op.drop_index(batch_op.f('ix_voucher_holder_organisation_id'))
        batch_op.drop_index('ix_voucher_holder_id_state')
        batch_op.drop_index(batch_op.f('ix_voucher_exchange_id'))
        batch_op.drop_index(batch_op.f('ix_voucher_budget_line_id'))

    op.drop_table('voucher')
    op.drop_table('agreement_version')
    with op.batch_alter_table('first_contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_first_contact_application_id'))

    op.drop_table('first_contact')
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.drop_index('ix_exchange_waiting_for_due_on')
        batch_op.drop_index(batch_op.f('ix_exchange_theme_id'))
        batch_op.drop_index('ix_exchange_state_first_day')
        batch_op.drop_index(batch_op.f('ix_exchange_programme_id'))
        batch_op.drop_index('ix_exchange_host_id_state')
        batch_op.drop_index(batch_op.f('ix_exchange_guest_organisation_id'))
        batch_op.drop_index('ix_exchange_guest_id_state')

    op.drop_table('exchange')
    op.drop_table('delegate')
    with op.batch_alter_table('hosting_window', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_hosting_window_theme_id'))

    op.drop_table('hosting_window')
    op.drop_table('budget_line')
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_index('uq_application_open', postgresql_where=sa.text("state IN ('draft', 'submitted', 'in_dialogue', 'accepted')"), sqlite_where=sa.text("state IN ('draft', 'submitted', 'in_dialogue', 'accepted')"))
        batch_op.drop_index('ix_application_waiting_for_due_on')
        batch_op.drop_index('ix_application_waiting', postgresql_where=sa.text('waiting_for IS NOT NULL'), sqlite_where=sa.text('waiting_for IS NOT NULL'))
        batch_op.drop_index('ix_application_theme_id_state')
        batch_op.drop_index(batch_op.f('ix_application_guest_organisation_id'))
        batch_op.drop_index('ix_application_guest_id_state')

    op.drop_table('application')
    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.drop_index('ix_theme_state_apply_by_id')
        batch_op.drop_index(batch_op.f('ix_theme_programme_id'))
        batch_op.drop_index(batch_op.f('ix_theme_host_id'))

    op.drop_table('theme')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_user_id'))

    op.drop_table('sign_in')
    with op.batch_alter_table('rate_card', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rate_card_programme_id'))

    op.drop_table('rate_card')
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_message_subject')
        batch_op.drop_index('ix_outbox_message_state_next_try_at')

    op.drop_table('outbox_message')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_user_id'))
        batch_op.drop_index('ix_membership_programme_id_role')
        batch_op.drop_index('ix_membership_organisation_id_role')

    op.drop_table('membership')
    with op.batch_alter_table('mailed_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mailed_link_user_id'))

    op.drop_table('mailed_link')
    with op.batch_alter_table('history_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_history_entry_subject')
        batch_op.drop_index('ix_history_entry_actor_id_id')

    op.drop_table('history_entry')
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_programme_id'))

    op.drop_table('call')
    op.drop_table('user')
    op.drop_table('programme')
    op.drop_table('organisation')
    op.drop_table('form_receipt')
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_attempt_kind_key_at')

    op.drop_table('attempt')
