"""Waiting for a place: who began when, what is offered to whom, and which themes are closed because their last place went."""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

INDEX = 'uq_application_open'
BEFORE = sa.text("state IN ('draft', 'submitted', 'in_dialogue', 'accepted')")
NOW = sa.text("state IN ('draft', 'waiting', 'submitted', 'in_dialogue', 'accepted')")


def upgrade():
    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('places_offered', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('closed_full', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.add_column(sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('place_offered_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('place_gone_on', sa.Date(), nullable=True))

    _unique_while(NOW)
    op.execute(f"UPDATE theme SET closed_full = {_true()} WHERE state = 'closed' AND places_taken >= places")


def downgrade():
    # Whoever waited has a draft again
    op.execute("UPDATE promise_record SET ended_on = since, outcome = 'called_off' WHERE promise = 'place_offer' AND ended_on IS NULL")
    op.execute("UPDATE application SET state = 'draft', waiting_for = NULL, waiting_since = NULL, due_on = NULL WHERE state = 'waiting'")
    _unique_while(BEFORE)
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_column('place_gone_on')
        batch_op.drop_column('place_offered_on')
        batch_op.drop_column('queued_at')

    with op.batch_alter_table('theme', schema=None) as batch_op:
        batch_op.drop_column('closed_full')
        batch_op.drop_column('places_offered')


def _unique_while(condition):
    """One application of a guest to a theme is unfinished at a time."""
    op.drop_index(INDEX, table_name='application')
    op.create_index(INDEX, 'application', ['theme_id', 'guest_id'], unique=True, postgresql_where=condition, sqlite_where=condition)


def _true():
    return 'true' if op.get_bind().dialect.name == 'postgresql' else '1'
