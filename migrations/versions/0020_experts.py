"""Experts who agree to be asked, when they were asked, and mentorings."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
IS_OPEN = sa.text("state IN ('accepted', 'agreed', 'asked', 'looked_back', 'talked')")


def upgrade():
    op.create_table('expert',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('as_reviewer', sa.Boolean(), nullable=False),
    sa.Column('as_mentor', sa.Boolean(), nullable=False),
    sa.Column('topics', JSON, nullable=False),
    sa.Column('sectors', JSON, nullable=False),
    sa.Column('languages', JSON, nullable=False),
    sa.Column('facets', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('not_before', sa.Date(), nullable=True),
    sa.Column('agreed_on', sa.Date(), nullable=False),
    sa.CheckConstraint('as_reviewer OR as_mentor', name=op.f('ck_expert_as_something')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_expert_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_expert_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expert')),
    sa.UniqueConstraint('person_id', name=op.f('uq_expert_person_id'))
    )
    with op.batch_alter_table('expert', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_expert_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('expert_asked',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_expert_asked_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expert_asked'))
    )
    with op.batch_alter_table('expert_asked', schema=None) as batch_op:
        batch_op.create_index('ix_expert_asked_person_id_asked_on', ['person_id', 'asked_on'], unique=False)

    op.create_table('mentoring',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('mentor_id', sa.Integer(), nullable=False),
    sa.Column('mentor_organisation_id', sa.Integer(), nullable=False),
    sa.Column('mentee_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=True),
    sa.Column('what_for', sa.String(), nullable=False),
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.Column('accepted_on', sa.Date(), nullable=True),
    sa.Column('talked_on', sa.Date(), nullable=True),
    sa.Column('points', JSON, nullable=False),
    sa.Column('look_back_on', sa.Date(), nullable=True),
    sa.Column('looked_back_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('mentor_id <> mentee_id', name=op.f('ck_mentoring_between_two')),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_mentoring_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['mentee_id'], ['user.id'], name=op.f('fk_mentoring_mentee_id_user')),
    sa.ForeignKeyConstraint(['mentor_id'], ['user.id'], name=op.f('fk_mentoring_mentor_id_user')),
    sa.ForeignKeyConstraint(['mentor_organisation_id'], ['organisation.id'], name=op.f('fk_mentoring_mentor_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_mentoring_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_mentoring_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mentoring'))
    )
    with op.batch_alter_table('mentoring', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mentoring_exchange_id'), ['exchange_id'], unique=False)
        batch_op.create_index('ix_mentoring_mentee_id_state', ['mentee_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_mentoring_mentor_id'), ['mentor_id'], unique=False)
        batch_op.create_index('ix_mentoring_open', ['mentor_id', 'mentee_id'], unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
        batch_op.create_index('ix_mentoring_organisation_id_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_mentoring_programme_id'), ['programme_id'], unique=False)
        batch_op.create_index('ix_mentoring_waiting_for_due_on', ['waiting_for', 'due_on'], unique=False)



def downgrade():
    with op.batch_alter_table('mentoring', schema=None) as batch_op:
        batch_op.drop_index('ix_mentoring_waiting_for_due_on')
        batch_op.drop_index(batch_op.f('ix_mentoring_programme_id'))
        batch_op.drop_index('ix_mentoring_organisation_id_state')
        batch_op.drop_index('ix_mentoring_open', sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
        batch_op.drop_index(batch_op.f('ix_mentoring_mentor_id'))
        batch_op.drop_index('ix_mentoring_mentee_id_state')
        batch_op.drop_index(batch_op.f('ix_mentoring_exchange_id'))

    op.drop_table('mentoring')
    with op.batch_alter_table('expert_asked', schema=None) as batch_op:
        batch_op.drop_index('ix_expert_asked_person_id_asked_on')

    op.drop_table('expert_asked')
    with op.batch_alter_table('expert', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_expert_organisation_id'))

    op.drop_table('expert')
