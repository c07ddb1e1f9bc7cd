"""Changes of address, and which mails somebody wants when."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0035'
down_revision = '0030'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN = sa.text("confirmed_at IS NULL AND ended_at IS NULL")


def upgrade():
    op.create_table('address_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('earlier', sa.String(), nullable=False),
    sa.Column('wanted', sa.String(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('confirmed_at', INSTANT, nullable=True),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_address_change_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_change'))
    )
    op.create_index('ix_address_change_open', 'address_change', ['person_id'], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_address_change_person_id', 'address_change', ['person_id'], unique=False)
    op.create_table('mail_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('decisions', sa.String(), nullable=False),
    sa.Column('deadlines', sa.String(), nullable=False),
    sa.Column('news', sa.String(), nullable=False),
    sa.Column('timezone', sa.String(), nullable=False),
    sa.Column('digested_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_mail_choice_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_choice')),
    sa.UniqueConstraint('person_id', name=op.f('uq_mail_choice_person_id'))
    )

    op.create_table('merger',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('gone_id', sa.Integer(), nullable=False),
    sa.Column('stays_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('moved', JSON, nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_merger_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merger'))
    )
    op.add_column('organisation', sa.Column('closed_at', INSTANT, nullable=True))
    op.add_column('organisation', sa.Column('merged_into_id', sa.Integer(), nullable=True))
    op.add_column('user', sa.Column('merged_into_id', sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('merged_into_id')
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('closed_at')
    op.drop_table('merger')
    op.drop_table('mail_choice')
    op.drop_table('address_change')
