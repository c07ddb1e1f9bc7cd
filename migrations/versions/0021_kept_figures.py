"""What may be published of an exchange can be changed after the questionnaire; reviews of large programmes are kept."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('computation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_computation_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_computation')),
    sa.UniqueConstraint('programme_id', name=op.f('uq_computation_programme_id'))
    )
    op.create_table('kept_scope',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('computation_id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.Integer(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('computed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('flows', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_kept_scope_call_id_call')),
    sa.ForeignKeyConstraint(['computation_id'], ['computation.id'], name=op.f('fk_kept_scope_computation_id_computation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_scope')),
    sa.UniqueConstraint('computation_id', 'call_id', name=op.f('uq_kept_scope_computation_id_call_id'))
    )
    with op.batch_alter_table('kept_scope', schema=None) as batch_op:
        batch_op.create_index('uq_kept_scope_programme', ['computation_id'], unique=True, sqlite_where=sa.text('call_id IS NULL'), postgresql_where=sa.text('call_id IS NULL'))

    op.create_table('kept_figure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('few_answered', sa.Boolean(), nullable=False),
    sa.Column('items', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('cases', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('paid', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['scope_id'], ['kept_scope.id'], name=op.f('fk_kept_figure_scope_id_kept_scope')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_figure')),
    sa.UniqueConstraint('scope_id', 'key', name=op.f('uq_kept_figure_scope_id_key'))
    )
    op.create_table('kept_table',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('rows', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('columns', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('numbers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('cases', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['scope_id'], ['kept_scope.id'], name=op.f('fk_kept_table_scope_id_kept_scope')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_table')),
    sa.UniqueConstraint('scope_id', 'key', name=op.f('uq_kept_table_scope_id_key'))
    )
    op.create_table('publish_consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('publish', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_publish_consent_by_id_user')),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_publish_consent_exchange_id_exchange')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publish_consent'))
    )
    with op.batch_alter_table('publish_consent', schema=None) as batch_op:
        batch_op.create_index('ix_publish_consent_exchange_id_side', ['exchange_id', 'side'], unique=False)


def downgrade():
    with op.batch_alter_table('publish_consent', schema=None) as batch_op:
        batch_op.drop_index('ix_publish_consent_exchange_id_side')

    op.drop_table('publish_consent')
    op.drop_table('kept_table')
    op.drop_table('kept_figure')
    with op.batch_alter_table('kept_scope', schema=None) as batch_op:
        batch_op.drop_index('uq_kept_scope_programme', sqlite_where=sa.text('call_id IS NULL'), postgresql_where=sa.text('call_id IS NULL'))

    op.drop_table('kept_scope')
    op.drop_table('computation')
