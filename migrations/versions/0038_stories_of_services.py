"""Success stories, and words on publishing, of what a knowledge voucher bought. Going down, those have no place and are deleted."""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

ABOUT_ONE = "(exchange_id IS NULL) <> (voucher_id IS NULL)"


def upgrade():
    with op.batch_alter_table('success_story', schema=None) as batch_op:
        batch_op.alter_column('exchange_id', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('voucher_id', sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_success_story_voucher_id'), ['voucher_id'])
        batch_op.create_foreign_key(batch_op.f('fk_success_story_voucher_id_voucher'), 'voucher', ['voucher_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_success_story_about_one'), ABOUT_ONE)
    with op.batch_alter_table('publish_consent', schema=None) as batch_op:
        batch_op.alter_column('exchange_id', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('voucher_id', sa.Integer(), nullable=True))
        batch_op.create_index('ix_publish_consent_voucher_id_side', ['voucher_id', 'side'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_publish_consent_voucher_id_voucher'), 'voucher', ['voucher_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_publish_consent_about_one'), ABOUT_ONE)


def downgrade():
    of_services = "(SELECT id FROM success_story WHERE voucher_id IS NOT NULL)"
    op.execute(f"DELETE FROM story_consent WHERE story_version_id IN (SELECT id FROM story_version WHERE story_id IN {of_services})")
    for table in ('story_comment', 'story_picture', 'story_review', 'story_version', 'story_part'):
        op.execute(f"DELETE FROM {table} WHERE story_id IN {of_services}")
    op.execute(f"DELETE FROM serving WHERE subject_type = 'story' AND subject_id IN {of_services}")
    op.execute("DELETE FROM success_story WHERE voucher_id IS NOT NULL")
    op.execute("DELETE FROM publish_consent WHERE voucher_id IS NOT NULL")
    with op.batch_alter_table('publish_consent', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_publish_consent_about_one'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_publish_consent_voucher_id_voucher'), type_='foreignkey')
        batch_op.drop_index('ix_publish_consent_voucher_id_side')
        batch_op.drop_column('voucher_id')
        batch_op.alter_column('exchange_id', existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table('success_story', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_success_story_about_one'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_success_story_voucher_id_voucher'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_success_story_voucher_id'), type_='unique')
        batch_op.drop_column('voucher_id')
        batch_op.alter_column('exchange_id', existing_type=sa.Integer(), nullable=False)
