"""Requests to join an organisation, which may be a new one; promises that no programme answers for."""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('asked', 'checking', 'returned')")


def upgrade():
    op.create_table(
        'join_request',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=True),
        sa.Column('programme_id', sa.Integer(), nullable=True),
        sa.Column('role', sa.String(), nullable=False),
        sa.Column('words', sa.String(), nullable=False),
        sa.Column('new_name', sa.String(), nullable=True),
        sa.Column('new_name_key', sa.String(), nullable=True),
        sa.Column('new_kind', sa.String(), nullable=False),
        sa.Column('new_country', sa.String(), nullable=False),
        sa.Column('new_city', sa.String(), nullable=False),
        sa.Column('new_website', sa.String(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('waiting_for', sa.String(), nullable=True),
        sa.Column('waiting_since', sa.Date(), nullable=True),
        sa.Column('due_on', sa.Date(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('organisation_id IS NOT NULL OR new_name IS NOT NULL', name=op.f('ck_join_request_somewhere')),
        sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_join_request_person_id_user')),
        sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_join_request_organisation_id_organisation')),
        sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_join_request_programme_id_programme')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_join_request')),
    )
    with op.batch_alter_table('join_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_join_request_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_join_request_waiting_for_due_on', ['waiting_for', 'due_on'], unique=False)
        batch_op.create_index('ix_join_request_organisation_id_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index('ix_join_request_programme_id_state', ['programme_id', 'state'], unique=False)
        for place in ('organisation_id', 'new_name_key'):
            batch_op.create_index(
                f'ix_join_request_{place}_open', ['person_id', place], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
            )
    with op.batch_alter_table('promise_record', schema=None) as batch_op:
        batch_op.alter_column('programme_id', existing_type=sa.Integer(), nullable=True)


def downgrade():
    op.execute("DELETE FROM promise_record WHERE subject_type = 'joining'")
    with op.batch_alter_table('promise_record', schema=None) as batch_op:
        batch_op.alter_column('programme_id', existing_type=sa.Integer(), nullable=False)
    op.drop_table('join_request')
