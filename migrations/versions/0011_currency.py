"""The files made for the bank are kept, and which of them are void.

What was taken before is not known; taken again, such a batch makes the same file under the same name.
"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

NOT_VOID = sa.text("voided_at IS NULL")
VOIDED_ONCE = """OLD.voided_at IS NULL AND NEW.id = OLD.id AND NEW.batch_id = OLD.batch_id AND NEW.message_id = OLD.message_id
        AND NEW.execution_on = OLD.execution_on AND NEW.payer_iban = OLD.payer_iban AND NEW.count = OLD.count
        AND NEW.total = OLD.total AND NEW.content = OLD.content AND NEW.made_at = OLD.made_at
        AND NEW.made_by_id = OLD.made_by_id"""


def upgrade():
    op.create_table(
        'bank_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('batch_id', sa.Integer(), nullable=False),
        sa.Column('message_id', sa.String(), nullable=False),
        sa.Column('execution_on', sa.Date(), nullable=False),
        sa.Column('payer_iban', sa.String(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('total', sa.BigInteger(), nullable=False),
        sa.Column('content', sa.String(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('made_by_id', sa.Integer(), nullable=False),
        sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('voided_because', sa.String(), nullable=False),
        sa.CheckConstraint("(voided_at IS NULL) = (voided_because = '')", name=op.f('ck_bank_file_void_for_a_reason')),
        sa.ForeignKeyConstraint(['batch_id'], ['payment_batch.id'], name=op.f('fk_bank_file_batch_id_payment_batch')),
        sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_bank_file_made_by_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_file')),
        sa.UniqueConstraint('message_id', name=op.f('uq_bank_file_message_id')),
    )
    op.create_index('ix_bank_file_batch_id', 'bank_file', ['batch_id'])
    op.create_index(
        'ix_bank_file_batch_id_standing', 'bank_file', ['batch_id'], unique=True, sqlite_where=NOT_VOID, postgresql_where=NOT_VOID
    )
    for statement in _triggers():
        op.get_bind().exec_driver_sql(statement)


def _triggers():
    """As 0006 makes them for the other records."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'Records in bank_file are never changed or deleted'); END"
        same = "SELECT 1 FROM bank_file WHERE id = NEW.id OR message_id = NEW.message_id"
        yield f"CREATE TRIGGER bank_file_unchanged BEFORE UPDATE ON bank_file WHEN NOT coalesce({VOIDED_ONCE}, FALSE) {refuse}"
        yield f"CREATE TRIGGER bank_file_undeleted BEFORE DELETE ON bank_file {refuse}"
        yield f"CREATE TRIGGER bank_file_unreplaced BEFORE INSERT ON bank_file WHEN EXISTS ({same}) {refuse}"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"
        change = f"FOR EACH ROW WHEN (NOT coalesce({VOIDED_ONCE}, FALSE))"
        yield f"CREATE TRIGGER bank_file_unchanged BEFORE UPDATE ON bank_file {change} {refuse}"
        yield f"CREATE TRIGGER bank_file_undeleted BEFORE DELETE ON bank_file FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER bank_file_untruncated BEFORE TRUNCATE ON bank_file FOR EACH STATEMENT {refuse}"


def downgrade():
    op.drop_table('bank_file')
