"""Which entry of the ledger corrects the money that another has added."""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

TABLE = 'appropriation_correction'


def upgrade():
    op.create_table(TABLE,
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('corrects_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f(f'fk_{TABLE}_entry_id_ledger_entry')),
    sa.ForeignKeyConstraint(['corrects_id'], ['ledger_entry.id'], name=op.f(f'fk_{TABLE}_corrects_id_ledger_entry')),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{TABLE}')),
    sa.UniqueConstraint('entry_id', name=op.f(f'uq_{TABLE}_entry_id'))
    )
    with op.batch_alter_table(TABLE, schema=None) as batch_op:
        batch_op.create_index(f'ix_{TABLE}_corrects_id', ['corrects_id'], unique=False)
    for statement in _triggers():
        op.get_bind().exec_driver_sql(statement)


def _triggers():
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Records in {TABLE} are never changed or deleted'); END"
        same = f"SELECT 1 FROM {TABLE} WHERE id = NEW.id OR entry_id = NEW.entry_id"
        yield f"CREATE TRIGGER {TABLE}_unchanged BEFORE UPDATE ON {TABLE} WHEN NOT coalesce(FALSE, FALSE) {refuse}"
        yield f"CREATE TRIGGER {TABLE}_undeleted BEFORE DELETE ON {TABLE} {refuse}"
        yield f"CREATE TRIGGER {TABLE}_unreplaced BEFORE INSERT ON {TABLE} WHEN EXISTS ({same}) {refuse}"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"  # which 0006 has made
        yield f"CREATE TRIGGER {TABLE}_unchanged BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN (NOT coalesce(FALSE, FALSE)) {refuse}"
        yield f"CREATE TRIGGER {TABLE}_undeleted BEFORE DELETE ON {TABLE} FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER {TABLE}_untruncated BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT {refuse}"


def downgrade():
    op.drop_table(TABLE)
