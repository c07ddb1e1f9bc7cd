"""Roles end and stay on record: `until` beside `since`, one of a kind at a time, and the database refuses to delete them.

Going down, the roles that have ended are deleted: the version before knows none.
"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

PLACES = {'organisation_id': 'uq_membership_user_id_organisation_id_role', 'programme_id': 'uq_membership_user_id_programme_id_role'}
ALLOWED = """NEW.id = OLD.id AND NEW.user_id = OLD.user_id AND NEW.role = OLD.role AND NEW.since = OLD.since
        AND coalesce(NEW.organisation_id, 0) = coalesce(OLD.organisation_id, 0)
        AND coalesce(NEW.programme_id, 0) = coalesce(OLD.programme_id, 0)
        AND OLD.until IS NULL AND NEW.until IS NOT NULL"""


def upgrade():
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.add_column(sa.Column('until', sa.DateTime(timezone=True), nullable=True))
        for former in PLACES.values():
            batch_op.drop_constraint(batch_op.f(former), type_='unique')
    for place in PLACES:
        lasts = sa.text('until IS NULL')
        op.create_index(f'ix_membership_user_id_{place}_role_current', 'membership', ['user_id', place, 'role'], unique=True, sqlite_where=lasts, postgresql_where=lasts)
    for statement in _triggers():
        op.get_bind().exec_driver_sql(statement)


def _triggers():
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'Records in membership are never changed or deleted'); END"
        yield f"CREATE TRIGGER membership_unchanged BEFORE UPDATE ON membership WHEN NOT coalesce({ALLOWED}, FALSE) {refuse}"
        yield f"CREATE TRIGGER membership_undeleted BEFORE DELETE ON membership {refuse}"
        yield f"CREATE TRIGGER membership_unreplaced BEFORE INSERT ON membership WHEN EXISTS (SELECT 1 FROM membership WHERE id = NEW.id) {refuse}"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"  # which 0006 has made
        yield f"CREATE TRIGGER membership_unchanged BEFORE UPDATE ON membership FOR EACH ROW WHEN (NOT coalesce({ALLOWED}, FALSE)) {refuse}"
        yield f"CREATE TRIGGER membership_undeleted BEFORE DELETE ON membership FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER membership_untruncated BEFORE TRUNCATE ON membership FOR EACH STATEMENT {refuse}"


def downgrade():
    sqlite = op.get_bind().dialect.name == "sqlite"
    for what in ("unchanged", "undeleted", "unreplaced" if sqlite else "untruncated"):
        op.execute(f"DROP TRIGGER membership_{what}{'' if sqlite else ' ON membership'}")
    op.execute("DELETE FROM membership WHERE until IS NOT NULL")
    for place in PLACES:
        op.drop_index(f'ix_membership_user_id_{place}_role_current', 'membership')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        for place, former in PLACES.items():
            batch_op.create_unique_constraint(batch_op.f(former), ['user_id', place, 'role'])
        batch_op.drop_column('until')
