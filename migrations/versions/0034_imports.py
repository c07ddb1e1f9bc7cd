"""Files that are moved in, and what each of their rows became."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.create_table('import',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=False),
        sa.Column('programme_id', sa.Integer(), nullable=True),
        sa.Column('as_owner', sa.Boolean(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('sha256', sa.String(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('read_as', sa.String(), nullable=False),
        sa.Column('stage', sa.String(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('problem', sa.String(), nullable=False),
        sa.Column('sheets', JSON, nullable=False),
        sa.Column('report', JSON, nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('entered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_import_by_id_user')),
        sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_import_programme_id_programme')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_import')),
    )
    op.create_index('ix_import_stage', 'import', ['stage'])
    op.create_index('ix_import_by_id_sha256', 'import', ['by_id', 'sha256'])
    op.create_table('imported_row',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('made_id', sa.Integer(), nullable=False),
        sa.Column('sheet', sa.String(), nullable=False),
        sa.Column('row', sa.Integer(), nullable=False),
        sa.Column('role', sa.String(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=True),
        sa.Column('programme_id', sa.Integer(), nullable=True),
        sa.Column('seen_version', sa.Integer(), nullable=False),
        sa.Column('done', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['import_id'], ['import.id'], name=op.f('fk_imported_row_import_id_import')),
        sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_imported_row_organisation_id_organisation')),
        sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_imported_row_programme_id_programme')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_imported_row')),
    )
    op.create_index(op.f('ix_imported_row_import_id'), 'imported_row', ['import_id'])
    op.create_index('ix_imported_row_made', 'imported_row', ['kind', 'made_id'])


def downgrade():
    op.drop_table('imported_row')
    op.drop_table('import')
