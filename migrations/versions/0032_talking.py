"""Conversations, their messages, files and readers; reported messages; a contact of each theme and programme; whom a mail is answered to."""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ASKED = sa.text('application_id IS NULL AND theme_id IS NOT NULL')
ABOUT_ONE = (
    "(CASE WHEN application_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN exchange_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN voucher_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN theme_id IS NOT NULL AND application_id IS NULL THEN 1 ELSE 0 END) = 1"
)
MESSAGE_ALLOWED = """NEW.id = OLD.id AND NEW.conversation_id = OLD.conversation_id AND NEW.author_id = OLD.author_id
        AND NEW.side = OLD.side AND NEW.written_at = OLD.written_at AND coalesce(NEW.key, '') = coalesce(OLD.key, '')
        AND NEW.text = OLD.text AND NEW.author_name = OLD.author_name
        AND NEW.organisation_name = OLD.organisation_name AND NEW.address = OLD.address"""


def to(table, column, target=None):
    target = target or column.removesuffix('_id')
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}_{target}'))


def upgrade():
    op.create_table('conversation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('theme_id', sa.Integer(), nullable=True),
    sa.Column('guest_id', sa.Integer(), nullable=True),
    sa.Column('guest_organisation_id', sa.Integer(), nullable=True),
    sa.Column('application_id', sa.Integer(), nullable=True),
    sa.Column('exchange_id', sa.Integer(), nullable=True),
    sa.Column('voucher_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('began_at', INSTANT, nullable=False),
    sa.Column('newest_id', sa.Integer(), nullable=False),
    sa.Column('newest_at', INSTANT, nullable=True),
    sa.Column('newest_by', sa.String(), nullable=False),
    sa.CheckConstraint(ABOUT_ONE, name=op.f('ck_conversation_about_one')),
    sa.CheckConstraint('(theme_id IS NULL) = (guest_id IS NULL)', name=op.f('ck_conversation_asked_by_somebody')),
    sa.CheckConstraint('(theme_id IS NULL) = (guest_organisation_id IS NULL)', name=op.f('ck_conversation_asked_for_an_organisation')),
    to('conversation', 'theme_id'), to('conversation', 'guest_id', 'user'),
    to('conversation', 'guest_organisation_id', 'organisation'), to('conversation', 'application_id'),
    to('conversation', 'exchange_id'), to('conversation', 'voucher_id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation')),
    sa.UniqueConstraint('application_id', name=op.f('uq_conversation_application_id')),
    sa.UniqueConstraint('exchange_id', name=op.f('uq_conversation_exchange_id')),
    sa.UniqueConstraint('voucher_id', name=op.f('uq_conversation_voucher_id'))
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('uq_conversation_asked', ['theme_id', 'guest_id'], unique=True, postgresql_where=ASKED, sqlite_where=ASKED)
        batch_op.create_index('ix_conversation_guest_id', ['guest_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('author_name', sa.String(), nullable=False),
    sa.Column('organisation_name', sa.String(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('written_at', INSTANT, nullable=False),
    sa.Column('hidden_at', INSTANT, nullable=True),
    sa.Column('hidden_by_id', sa.Integer(), nullable=True),
    sa.Column('hidden_because', sa.String(), nullable=False),
    sa.CheckConstraint('(hidden_at IS NULL) = (hidden_by_id IS NULL)', name=op.f('ck_message_hidden_by_somebody')),
    to('message', 'conversation_id'), to('message', 'author_id', 'user'), to('message', 'hidden_by_id', 'user'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('author_id', 'key', name=op.f('uq_message_author_id_key'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_conversation_id_id', ['conversation_id', 'id'], unique=False)

    op.create_table('conversation_reader',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('read_id', sa.Integer(), nullable=False),
    sa.Column('mailed_id', sa.Integer(), nullable=False),
    sa.Column('draft', sa.String(), nullable=False),
    sa.Column('shows_address', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    to('conversation_reader', 'conversation_id'), to('conversation_reader', 'person_id', 'user'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation_reader')),
    sa.UniqueConstraint('conversation_id', 'person_id', name=op.f('uq_conversation_reader_conversation_id_person_id'))
    )
    with op.batch_alter_table('conversation_reader', schema=None) as batch_op:
        batch_op.create_index('ix_conversation_reader_person_id', ['person_id'], unique=False)

    op.create_table('message_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reader_id', sa.Integer(), nullable=True),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', INSTANT, nullable=False),
    sa.CheckConstraint('(reader_id IS NULL) <> (message_id IS NULL)', name=op.f('ck_message_file_in_one')),
    to('message_file', 'reader_id', 'conversation_reader'), to('message_file', 'message_id'), to('message_file', 'added_by_id', 'user'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_file')),
    sa.UniqueConstraint('key', name=op.f('uq_message_file_key'))
    )
    with op.batch_alter_table('message_file', schema=None) as batch_op:
        batch_op.create_index('ix_message_file_message_id', ['message_id'], unique=False)
        batch_op.create_index('ix_message_file_reader_id', ['reader_id'], unique=False)

    op.create_table('message_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('reporter_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('reported_at', INSTANT, nullable=False),
    sa.Column('decided_at', INSTANT, nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('answer', sa.String(), nullable=False),
    sa.CheckConstraint('(decided_at IS NULL) = (decided_by_id IS NULL)', name=op.f('ck_message_report_decided_by_somebody')),
    to('message_report', 'message_id'), to('message_report', 'reporter_id', 'user'), to('message_report', 'decided_by_id', 'user'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_report')),
    sa.UniqueConstraint('message_id', 'reporter_id', name=op.f('uq_message_report_message_id_reporter_id'))
    )
    with op.batch_alter_table('message_report', schema=None) as batch_op:
        batch_op.create_index('ix_message_report_decided_at', ['decided_at'], unique=False)

    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reply_to', sa.String(), server_default='', nullable=False))
    for table in ('theme', 'programme'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('contact_id', sa.Integer(), nullable=True))
            batch_op.add_column(sa.Column('contact_role', sa.String(), server_default='', nullable=False))
            batch_op.add_column(sa.Column('contact_address', sa.String(), server_default='', nullable=False))
            batch_op.add_column(sa.Column('contact_shown', sa.Boolean(), server_default=sa.false(), nullable=False))
            batch_op.add_column(sa.Column('contact_public', sa.Boolean(), server_default=sa.false(), nullable=False))
            batch_op.create_foreign_key(batch_op.f(f'fk_{table}_contact_id_user'), 'user', ['contact_id'], ['id'])
    for statement in _triggers('message', MESSAGE_ALLOWED):
        op.get_bind().exec_driver_sql(statement)


def _triggers(name, allowed):
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Records in {name} are never changed or deleted'); END"
        yield f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} WHEN NOT coalesce({allowed}, FALSE) {refuse}"
        yield f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} {refuse}"
        yield f"CREATE TRIGGER {name}_unreplaced BEFORE INSERT ON {name} WHEN EXISTS (SELECT 1 FROM {name} WHERE id = NEW.id) {refuse}"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"  # which 0006 has made
        yield f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} FOR EACH ROW WHEN (NOT coalesce({allowed}, FALSE)) {refuse}"
        yield f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER {name}_untruncated BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}"


def downgrade():
    for table in ('programme', 'theme'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f'fk_{table}_contact_id_user'), type_='foreignkey')
            for column in ('public', 'shown', 'address', 'role', 'id'):
                batch_op.drop_column(f'contact_{column}')
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_column('reply_to')
    op.drop_table('message_report')
    op.drop_table('message_file')
    op.drop_table('conversation_reader')
    op.drop_table('message')
    op.drop_table('conversation')
