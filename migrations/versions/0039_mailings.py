"""Mails to the people of a list, who wants no more of them, and the address in a mail where one says so."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
IN_ONE_NAME = "(programme_id IS NULL) <> (organisation_id IS NULL)"
SAME = "id by_id by_name list_name list_title list_path is_case subject_line text reply_to digest mailed sent_at".split()
MAILING = {
    'allowed': " AND ".join(["NEW.programme_id IS NULL AND OLD.programme_id IS NULL", *(f"NEW.{each} = OLD.{each}" for each in SAME)]),
    'same': "id by_id programme_id organisation_id list_name list_title is_case digest mailed sent_at",
}
LETTER = {'allowed': 'FALSE', 'same': "id mailing_id person_id left_out"}


def to(table, column, target):
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}_{target}'))


def upgrade():
    op.create_table('mailing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('by_name', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('list_name', sa.String(), nullable=False),
    sa.Column('list_title', sa.String(), nullable=False),
    sa.Column('list_path', sa.String(), nullable=False),
    sa.Column('filters', JSON, nullable=False),
    sa.Column('is_case', sa.Boolean(), nullable=False),
    sa.Column('subject_line', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('reply_to', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('mailed', sa.Integer(), nullable=False),
    sa.Column('sent_at', INSTANT, nullable=False),
    sa.CheckConstraint(IN_ONE_NAME, name=op.f('ck_mailing_in_one_name')),
    to('mailing', 'by_id', 'user'), to('mailing', 'programme_id', 'programme'), to('mailing', 'organisation_id', 'organisation'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailing'))
    )
    with op.batch_alter_table('mailing', schema=None) as batch_op:
        batch_op.create_index('ix_mailing_by_id_sent_at', ['by_id', 'sent_at'], unique=False)
        batch_op.create_index('ix_mailing_programme_id', ['programme_id'], unique=False)
        batch_op.create_index('ix_mailing_organisation_id', ['organisation_id'], unique=False)

    op.create_table('mailing_letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mailing_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('left_out', sa.String(), nullable=False),
    to('mailing_letter', 'mailing_id', 'mailing'), to('mailing_letter', 'person_id', 'user'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailing_letter')),
    sa.UniqueConstraint('mailing_id', 'person_id', name=op.f('uq_mailing_letter_mailing_id_person_id'))
    )
    with op.batch_alter_table('mailing_letter', schema=None) as batch_op:
        batch_op.create_index('ix_mailing_letter_person_id', ['person_id'], unique=False)

    op.create_table('mail_refusal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.CheckConstraint(IN_ONE_NAME, name=op.f('ck_mail_refusal_in_one_name')),
    to('mail_refusal', 'person_id', 'user'), to('mail_refusal', 'programme_id', 'programme'),
    to('mail_refusal', 'organisation_id', 'organisation'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_refusal'))
    )
    with op.batch_alter_table('mail_refusal', schema=None) as batch_op:
        batch_op.create_index('ix_mail_refusal_person_id', ['person_id'], unique=False)

    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unsubscribe', sa.String(), server_default='', nullable=False))
    for name, kept in (('mailing', MAILING), ('mailing_letter', LETTER)):
        for statement in _triggers(name, _or_erased(**kept)):
            op.get_bind().exec_driver_sql(statement)


def _is_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _or_erased(allowed, same):
    at_work = "EXISTS (SELECT 1 FROM erasure WHERE working)" if _is_sqlite() else "erasing()"
    alike = "IS" if _is_sqlite() else "IS NOT DISTINCT FROM"
    return " AND ".join([f"({allowed}) OR ({at_work}", *(f'NEW."{name}" {alike} OLD."{name}"' for name in same.split())]) + ")"


def _triggers(name, allowed):
    if _is_sqlite():
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
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_column('unsubscribe')
    op.drop_table('mail_refusal')
    op.drop_table('mailing_letter')
    op.drop_table('mailing')
