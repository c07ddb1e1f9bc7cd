"""The texts of public pages, of the installation and of programmes. Where there is none, the application's own is shown."""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0037'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('public_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by_id'], ['user.id'], name=op.f('fk_public_text_changed_by_id_user')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_public_text_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_text'))
    )
    of_installation = sa.text('programme_id IS NULL')
    with op.batch_alter_table('public_text', schema=None) as batch_op:
        batch_op.create_index('uq_public_text_key', ['key'], unique=True, sqlite_where=of_installation, postgresql_where=of_installation)
        batch_op.create_index('uq_public_text_programme_id_key', ['programme_id', 'key'], unique=True)


def downgrade():
    with op.batch_alter_table('public_text', schema=None) as batch_op:
        batch_op.drop_index('uq_public_text_programme_id_key')
        batch_op.drop_index('uq_public_text_key')

    op.drop_table('public_text')
