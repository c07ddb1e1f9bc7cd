"""Changes of address, which mails somebody wants when, two that became one, and the erasing of a person."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN = sa.text("confirmed_at IS NULL AND ended_at IS NULL")

ALLOWED = {
    'paying_account': """NEW.id = OLD.id AND NEW.programme_id = OLD.programme_id AND NEW.holder_name = OLD.holder_name
        AND NEW.iban = OLD.iban AND NEW.bic = OLD.bic AND NEW.proposed_at = OLD.proposed_at
        AND coalesce(NEW.proposed_by_id, 0) = coalesce(OLD.proposed_by_id, 0) AND OLD.closed_at IS NULL
        AND (OLD.confirmed_at IS NULL OR (NEW.confirmed_at = OLD.confirmed_at AND NEW.usable_from = OLD.usable_from
            AND coalesce(NEW.confirmed_by_id, 0) = coalesce(OLD.confirmed_by_id, 0)))""",
    'bank_file': """OLD.voided_at IS NULL AND NEW.id = OLD.id AND NEW.batch_id = OLD.batch_id AND NEW.message_id = OLD.message_id
        AND NEW.execution_on = OLD.execution_on AND NEW.payer_iban = OLD.payer_iban AND NEW.count = OLD.count
        AND NEW.total = OLD.total AND NEW.content = OLD.content AND NEW.made_at = OLD.made_at
        AND NEW.made_by_id = OLD.made_by_id""",
    'payment': """NEW.id = OLD.id AND NEW.batch_id = OLD.batch_id AND NEW.voucher_id = OLD.voucher_id
        AND NEW.account_id = OLD.account_id AND NEW.amount = OLD.amount AND NEW.end_to_end_id = OLD.end_to_end_id
        AND (OLD.outcome IS NULL OR (OLD.outcome = 'paid' AND NEW.outcome IN ('bounced', 'returned'))
            OR (NEW.outcome = OLD.outcome AND NEW.reason = OLD.reason AND NEW.settled_on = OLD.settled_on))""",
    'bank_account': """NEW.id = OLD.id AND NEW.holder_name = OLD.holder_name AND NEW.iban = OLD.iban AND NEW.bic = OLD.bic
        AND coalesce(NEW.user_id, 0) = coalesce(OLD.user_id, 0)
        AND coalesce(NEW.organisation_id, 0) = coalesce(OLD.organisation_id, 0)""",
    'standing_in': """NEW.id = OLD.id AND NEW.administrator_id = OLD.administrator_id AND NEW.person_id = OLD.person_id
        AND NEW.reason = OLD.reason AND NEW.began_at = OLD.began_at AND NEW.ends_at = OLD.ends_at
        AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL""",
    'message': """NEW.id = OLD.id AND NEW.conversation_id = OLD.conversation_id AND NEW.author_id = OLD.author_id
        AND NEW.side = OLD.side AND NEW.written_at = OLD.written_at AND coalesce(NEW.key, '') = coalesce(OLD.key, '')
        AND NEW.text = OLD.text AND NEW.author_name = OLD.author_name
        AND NEW.organisation_name = OLD.organisation_name AND NEW.address = OLD.address""",
    'erasure': """NEW.id = OLD.id AND NEW.person_id = OLD.person_id AND NEW.asked_by_id = OLD.asked_by_id
        AND NEW.asked_at = OLD.asked_at AND OLD.done_at IS NULL AND OLD.stopped_at IS NULL""",
}
SAME = {
    'audit_entry': 'id at act by_id organisation_id programme_id person_id earlier_hash hash',
    'history_entry': 'id subject_type subject_id actor_id stand_in_id acted_as action from_state to_state at version',
    'ledger_entry': 'id budget_line_id event voucher_id key by_id at',
    'bank_file': 'id batch_id message_id execution_on payer_iban count total made_at made_by_id voided_at',
    'payment': 'id batch_id voucher_id account_id amount end_to_end_id outcome settled_on',
    'bank_account': 'id user_id organisation_id added_by_id added_at usable_from ended_at',
    'paying_account': 'id programme_id iban bic proposed_by_id proposed_at confirmed_by_id confirmed_at usable_from closed_by_id closed_at closed_as',
    'standing_in': 'id administrator_id person_id began_at ends_at ended_at',
    'message': 'id conversation_id author_id side key written_at hidden_at hidden_by_id',
    'erasure': 'id person_id asked_by_id asked_at due_on stopped_at done_at working',
}
ERASING = """CREATE OR REPLACE FUNCTION erasing() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM erasure WHERE working);
END $$"""
REFUSED = "BEGIN SELECT RAISE(ABORT, 'Records in {} are never changed or deleted'); END"


def is_sqlite():
    return op.get_bind().dialect.name == 'sqlite'


def condition(table, erasable):
    """What may change; with the way round it while an erasure is at work."""
    allowed = ALLOWED.get(table, 'FALSE')
    if not erasable:
        return allowed
    work, alike = ('EXISTS (SELECT 1 FROM erasure WHERE working)', 'IS') if is_sqlite() else ('erasing()', 'IS NOT DISTINCT FROM')
    same = [f'NEW."{name}" {alike} OLD."{name}"' for name in SAME[table].split()]
    return ' AND '.join([f'({allowed}) OR ({work}', *same]) + ')'


def trigger(table, erasable):
    when = f'NOT coalesce({condition(table, erasable)}, FALSE)'
    head = f'CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table}'
    if is_sqlite():
        return f'{head} WHEN {when} {REFUSED.format(table)}'
    return f'{head} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()'


def renew(erasable):
    for table in SAME:
        if table != 'erasure':
            op.execute(f"DROP TRIGGER {table}_unchanged{'' if is_sqlite() else f' ON {table}'}")
            op.execute(sa.text(trigger(table, erasable)))


def upgrade():
    op.create_table('address_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('earlier', sa.String(), nullable=False),
    sa.Column('wanted', sa.String(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('confirmed_at', INSTANT, nullable=True),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_address_change_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_change'))
    )
    op.create_index('ix_address_change_open', 'address_change', ['person_id'], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_address_change_person_id', 'address_change', ['person_id'], unique=False)
    op.create_table('mail_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('decisions', sa.String(), nullable=False),
    sa.Column('deadlines', sa.String(), nullable=False),
    sa.Column('news', sa.String(), nullable=False),
    sa.Column('timezone', sa.String(), nullable=False),
    sa.Column('digested_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_mail_choice_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_choice')),
    sa.UniqueConstraint('person_id', name=op.f('uq_mail_choice_person_id'))
    )

    op.create_table('merger',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('gone_id', sa.Integer(), nullable=False),
    sa.Column('stays_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('moved', JSON, nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_merger_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merger'))
    )
    op.add_column('organisation', sa.Column('closed_at', INSTANT, nullable=True))
    op.add_column('organisation', sa.Column('merged_into_id', sa.Integer(), nullable=True))
    op.add_column('user', sa.Column('merged_into_id', sa.Integer(), nullable=True))
    op.add_column('audit_entry', sa.Column('salt', sa.String(), server_default='', nullable=False))
    op.create_table('erasure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('stopped_at', INSTANT, nullable=True),
    sa.Column('done_at', INSTANT, nullable=True),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user.id'], name=op.f('fk_erasure_asked_by_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_erasure_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    waits = sa.text("stopped_at IS NULL AND done_at IS NULL")
    op.create_index('ix_erasure_open', 'erasure', ['person_id'], unique=True, sqlite_where=waits, postgresql_where=waits)
    op.create_index('ix_erasure_due_on', 'erasure', ['due_on'], unique=False)
    if not is_sqlite():
        op.execute(ERASING)
    op.execute(sa.text(trigger('erasure', True)))
    refuse = REFUSED.format('erasure') if is_sqlite() else 'EXECUTE FUNCTION refuse_change()'
    each = '' if is_sqlite() else 'FOR EACH ROW '
    op.execute(f'CREATE TRIGGER erasure_undeleted BEFORE DELETE ON erasure {each}{refuse}')
    if is_sqlite():
        op.execute('CREATE TRIGGER erasure_unreplaced BEFORE INSERT ON erasure WHEN EXISTS '
                   f'(SELECT 1 FROM erasure WHERE id = NEW.id) {refuse}')
    else:
        op.execute(f'CREATE TRIGGER erasure_untruncated BEFORE TRUNCATE ON erasure FOR EACH STATEMENT {refuse}')
    renew(True)


def downgrade():
    renew(False)
    op.drop_table('erasure')
    if not is_sqlite():
        op.execute('DROP FUNCTION erasing()')
    op.drop_column('audit_entry', 'salt')
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('merged_into_id')
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('closed_at')
    op.drop_table('merger')
    op.drop_table('mail_choice')
    op.drop_table('address_change')
