"""Success stories: their drafts, the versions that are read and agreed to, reviews, comments, pictures."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('success_story',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=False),
    sa.Column('reviewer_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('recommended_on', sa.Date(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_success_story_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_success_story_programme_id_programme')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['user.id'], name=op.f('fk_success_story_reviewer_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_success_story')),
    sa.UniqueConstraint('exchange_id', name=op.f('uq_success_story_exchange_id'))
    )
    with op.batch_alter_table('success_story', schema=None) as batch_op:
        batch_op.create_index('ix_success_story_programme_id_state', ['programme_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_success_story_reviewer_id'), ['reviewer_id'], unique=False)
        batch_op.create_index('ix_success_story_state_id', ['state', 'id'], unique=False)
        batch_op.create_index('ix_success_story_waiting_for_due_on', ['waiting_for', 'due_on'], unique=False)

    op.create_table('story_comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('story_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('chapter', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_story_comment_by_id_user')),
    sa.ForeignKeyConstraint(['story_id'], ['success_story.id'], name=op.f('fk_story_comment_story_id_success_story')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_comment'))
    )
    with op.batch_alter_table('story_comment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_story_comment_story_id'), ['story_id'], unique=False)

    op.create_table('story_part',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('story_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('texts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['story_id'], ['success_story.id'], name=op.f('fk_story_part_story_id_success_story')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_part')),
    sa.UniqueConstraint('story_id', 'name', name=op.f('uq_story_part_story_id_name'))
    )
    op.create_table('story_picture',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('story_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('small_key', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_story_picture_added_by_id_user')),
    sa.ForeignKeyConstraint(['story_id'], ['success_story.id'], name=op.f('fk_story_picture_story_id_success_story')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_picture')),
    sa.UniqueConstraint('key', name=op.f('uq_story_picture_key')),
    sa.UniqueConstraint('small_key', name=op.f('uq_story_picture_small_key')),
    sa.UniqueConstraint('story_id', 'sha256', name=op.f('uq_story_picture_story_id_sha256'))
    )
    op.create_table('story_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('story_id', sa.Integer(), nullable=False),
    sa.Column('reviewer_id', sa.Integer(), nullable=False),
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('texts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(ended_on IS NULL) = (outcome IS NULL)', name=op.f('ck_story_review_ended_somehow')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['user.id'], name=op.f('fk_story_review_reviewer_id_user')),
    sa.ForeignKeyConstraint(['story_id'], ['success_story.id'], name=op.f('fk_story_review_story_id_success_story')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_review'))
    )
    with op.batch_alter_table('story_review', schema=None) as batch_op:
        batch_op.create_index('ix_story_review_reviewer_id_asked_on', ['reviewer_id', 'asked_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_story_review_story_id'), ['story_id'], unique=False)

    op.create_table('story_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('story_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('texts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('names', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('figures', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['story_id'], ['success_story.id'], name=op.f('fk_story_version_story_id_success_story')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_version')),
    sa.UniqueConstraint('story_id', 'number', name=op.f('uq_story_version_story_id_number'))
    )
    op.create_table('story_consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('story_version_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('publish', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('by_name', sa.String(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_story_consent_by_id_user')),
    sa.ForeignKeyConstraint(['story_version_id'], ['story_version.id'], name=op.f('fk_story_consent_story_version_id_story_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_story_consent')),
    sa.UniqueConstraint('story_version_id', 'side', name=op.f('uq_story_consent_story_version_id_side'))
    )


def downgrade():
    op.drop_table('story_consent')
    op.drop_table('story_version')
    with op.batch_alter_table('story_review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_story_review_story_id'))
        batch_op.drop_index('ix_story_review_reviewer_id_asked_on')

    op.drop_table('story_review')
    op.drop_table('story_picture')
    op.drop_table('story_part')
    with op.batch_alter_table('story_comment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_story_comment_story_id'))

    op.drop_table('story_comment')
    with op.batch_alter_table('success_story', schema=None) as batch_op:
        batch_op.drop_index('ix_success_story_waiting_for_due_on')
        batch_op.drop_index('ix_success_story_state_id')
        batch_op.drop_index(batch_op.f('ix_success_story_reviewer_id'))
        batch_op.drop_index('ix_success_story_programme_id_state')

    op.drop_table('success_story')
