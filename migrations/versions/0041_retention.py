"""How long what is kept: periods, nights, and the way in which the text of a message can be emptied once its time is over."""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ALLOWED = """NEW.id = OLD.id AND NEW.conversation_id = OLD.conversation_id AND NEW.author_id = OLD.author_id
        AND NEW.side = OLD.side AND NEW.written_at = OLD.written_at AND coalesce(NEW.key, '') = coalesce(OLD.key, '')
        AND NEW.text = OLD.text AND NEW.author_name = OLD.author_name
        AND NEW.organisation_name = OLD.organisation_name AND NEW.address = OLD.address"""
ERASED = 'id conversation_id author_id side key written_at hidden_at hidden_by_id'
FORGOTTEN = 'id conversation_id author_id author_name organisation_name side key written_at hidden_at hidden_by_id hidden_because'
RETAINING = """CREATE OR REPLACE FUNCTION retaining() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM retention_night WHERE working);
END $$"""
REFUSED = "BEGIN SELECT RAISE(ABORT, 'Records in message are never changed or deleted'); END"


def is_sqlite():
    return op.get_bind().dialect.name == 'sqlite'


def alike(names):
    return [f'NEW."{name}" {"IS" if is_sqlite() else "IS NOT DISTINCT FROM"} OLD."{name}"' for name in names.split()]


def renew(forgettable):
    """The trigger that keeps messages, with the second way round it or without."""
    erasing = 'EXISTS (SELECT 1 FROM erasure WHERE working)' if is_sqlite() else 'erasing()'
    retaining = 'EXISTS (SELECT 1 FROM retention_night WHERE working)' if is_sqlite() else 'retaining()'
    when = ' AND '.join([f'({ALLOWED}) OR ({erasing}', *alike(ERASED)]) + ')'
    if forgettable:
        empty = ["NEW.\"text\" = ''", "NEW.\"address\" = ''"]
        when = ' AND '.join([f'({when}) OR ({retaining}', *alike(FORGOTTEN), *empty]) + ')'
    head = f'CREATE TRIGGER message_unchanged BEFORE UPDATE ON message'
    op.execute(f"DROP TRIGGER message_unchanged{'' if is_sqlite() else ' ON message'}")
    if is_sqlite():
        op.execute(sa.text(f'{head} WHEN NOT coalesce({when}, FALSE) {REFUSED}'))
    else:
        op.execute(sa.text(f'{head} FOR EACH ROW WHEN (NOT coalesce({when}, FALSE)) EXECUTE FUNCTION refuse_change()'))


def upgrade():
    op.create_table('retention_period',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('nights', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('set_at', INSTANT, nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('days IS NULL OR days > 0', name=op.f('ck_retention_period_some_days')),
    sa.ForeignKeyConstraint(['set_by_id'], ['user.id'], name=op.f('fk_retention_period_set_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_period')),
    sa.UniqueConstraint('key', name=op.f('uq_retention_period_key'))
    )
    op.create_table('retention_night',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('oldest', sa.Date(), nullable=True),
    sa.Column('acts', sa.Boolean(), nullable=False),
    sa.Column('gone', sa.Integer(), nullable=False),
    sa.Column('files', sa.Integer(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('began_at', INSTANT, nullable=False),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_night')),
    sa.UniqueConstraint('key', 'on_day', name=op.f('uq_retention_night_key_on_day'))
    )
    op.create_index('ix_retention_night_open', 'retention_night', ['ended_at', 'on_day'], unique=False)
    if not is_sqlite():
        op.execute(RETAINING)
    renew(True)


def downgrade():
    renew(False)
    if not is_sqlite():
        op.execute('DROP FUNCTION retaining()')
    op.drop_index('ix_retention_night_open', table_name='retention_night')
    op.drop_table('retention_night')
    op.drop_table('retention_period')
