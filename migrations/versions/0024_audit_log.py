"""The audit log, which begins empty: what was done before today is known only as far as the history has it."""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
REFUSED = "'Records in audit_entry are never changed or deleted'"
TRIGGERS = {
    'sqlite': [
        f'CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry WHEN NOT coalesce(FALSE, FALSE) BEGIN SELECT RAISE(ABORT, {REFUSED}); END',
        f'CREATE TRIGGER audit_entry_undeleted BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, {REFUSED}); END',
        f'CREATE TRIGGER audit_entry_unreplaced BEFORE INSERT ON audit_entry WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, {REFUSED}); END',
    ],
    'postgresql': [
        'CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry FOR EACH ROW WHEN (NOT coalesce(FALSE, FALSE)) EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER audit_entry_undeleted BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        'CREATE TRIGGER audit_entry_untruncated BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
    ],
}


def upgrade():
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('network', sa.String(), nullable=False),
    sa.Column('before', JSON, nullable=False),
    sa.Column('after', JSON, nullable=False),
    sa.Column('earlier_hash', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_act_id', ['act', 'id'], unique=False)
        batch_op.create_index('ix_audit_entry_by_id_id', ['by_id', 'id'], unique=False)
        batch_op.create_index('ix_audit_entry_programme_id_id', ['programme_id', 'id'], unique=False)
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade():
    op.drop_table('audit_entry')
