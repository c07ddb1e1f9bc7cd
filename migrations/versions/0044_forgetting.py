"""Mails to lists end with their time, with whom they reached; who came is said by the place in the delegation."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
SAME = "id by_id by_name list_name list_title list_path is_case subject_line text reply_to digest mailed sent_at".split()
ALLOWED = {
    'mailing': " AND ".join(["NEW.programme_id IS NULL AND OLD.programme_id IS NULL", *(f"NEW.{each} = OLD.{each}" for each in SAME)]),
    'mailing_letter': 'FALSE',
}
ERASED = {
    'mailing': "id by_id programme_id organisation_id list_name list_title is_case digest mailed sent_at",
    'mailing_letter': "id mailing_id person_id left_out",
}
FORGOTTEN = "id by_id by_name programme_id organisation_id list_name list_title is_case mailed sent_at"
EMPTY = {'list_path': "''", 'filters': "'{}'", 'subject_line': "''", 'text': "''", 'reply_to': "''", 'digest': "''"}


def is_sqlite():
    return op.get_bind().dialect.name == 'sqlite'


def alike(names):
    return [f'NEW."{name}" {"IS" if is_sqlite() else "IS NOT DISTINCT FROM"} OLD."{name}"' for name in names.split()]


def condition(table, forgettable):
    erasing = 'EXISTS (SELECT 1 FROM erasure WHERE working)' if is_sqlite() else 'erasing()'
    when = ' AND '.join([f'({ALLOWED[table]}) OR ({erasing}', *alike(ERASED[table])]) + ')'
    if forgettable and table == 'mailing':
        empty = [f'NEW."{name}" = {nothing}' for name, nothing in EMPTY.items()]
        when = ' AND '.join([f'({when}) OR ({retaining()}', *alike(FORGOTTEN), *empty]) + ')'
    return when


def retaining():
    return 'EXISTS (SELECT 1 FROM retention_night WHERE working)' if is_sqlite() else 'retaining()'


def renew(forgettable):
    """The triggers that keep mails to lists, with the second way round them or without."""
    changed, deleted = condition('mailing', forgettable), retaining() if forgettable else ''
    if is_sqlite():
        refuse = "BEGIN SELECT RAISE(ABORT, 'Records in {} are never changed or deleted'); END"
        op.execute('DROP TRIGGER mailing_unchanged')
        op.execute('DROP TRIGGER mailing_letter_undeleted')
        head = 'CREATE TRIGGER mailing_unchanged BEFORE UPDATE ON mailing'
        op.execute(sa.text(f"{head} WHEN NOT coalesce({changed}, FALSE) {refuse.format('mailing')}"))
        when = f'WHEN NOT coalesce({deleted}, FALSE) ' if deleted else ''
        head = 'CREATE TRIGGER mailing_letter_undeleted BEFORE DELETE ON mailing_letter'
        op.execute(sa.text(f"{head} {when}{refuse.format('mailing_letter')}"))
    else:
        refuse = 'EXECUTE FUNCTION refuse_change()'
        op.execute('DROP TRIGGER mailing_unchanged ON mailing')
        op.execute('DROP TRIGGER mailing_letter_undeleted ON mailing_letter')
        head = 'CREATE TRIGGER mailing_unchanged BEFORE UPDATE ON mailing FOR EACH ROW'
        op.execute(sa.text(f"{head} WHEN (NOT coalesce({changed}, FALSE)) {refuse}"))
        when = f'WHEN (NOT coalesce({deleted}, FALSE)) ' if deleted else ''
        head = 'CREATE TRIGGER mailing_letter_undeleted BEFORE DELETE ON mailing_letter FOR EACH ROW'
        op.execute(sa.text(f"{head} {when}{refuse}"))


def upgrade():
    op.add_column('exchange', sa.Column('attended_places', JSON, server_default='[]', nullable=False))
    renew(True)


def downgrade():
    renew(False)
    op.drop_column('exchange', 'attended_places')
