"""Lessons of a call, and published snapshots of reviews."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.create_table('lessons',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('is_closed', sa.Boolean(), nullable=False),
    sa.Column('keep', sa.String(), nullable=False),
    sa.Column('change', sa.String(), nullable=False),
    sa.Column('stop', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_lessons_by_id_user')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_lessons_call_id_call')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lessons')),
    sa.UniqueConstraint('call_id', 'number', name=op.f('uq_lessons_call_id_number'))
    )
    op.create_table('published_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('programme_name', sa.String(), nullable=False),
    sa.Column('scope_name', sa.String(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('readings', JSON, nullable=False),
    sa.Column('tables', JSON, nullable=False),
    sa.Column('exchanges', JSON, nullable=False),
    sa.Column('trace', JSON, nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_because', sa.String(), nullable=False),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)', name=op.f('ck_published_review_withdrawn_by_somebody')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_published_review_call_id_call')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_published_review_programme_id_programme')),
    sa.ForeignKeyConstraint(['published_by_id'], ['user.id'], name=op.f('fk_published_review_published_by_id_user')),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['user.id'], name=op.f('fk_published_review_withdrawn_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_published_review')),
    sa.UniqueConstraint('programme_id', 'number', name=op.f('uq_published_review_programme_id_number'))
    )
    with op.batch_alter_table('published_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_published_review_call_id'), ['call_id'], unique=False)
        batch_op.create_index('ix_published_review_published_at_id', ['published_at', 'id'], unique=False)


def downgrade():
    op.drop_table('published_review')
    op.drop_table('lessons')
