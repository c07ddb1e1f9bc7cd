"""The account a programme pays from is a record of its own, which a batch keeps; delegates are found by address and name.

The accounts there are stay in use; who proposed or confirmed them is not known. A batch that is approved, sent or settled keeps
the programme's, unless its file names another one. Addresses of delegates are in lower case, as those of accounts.
"""
from datetime import datetime, timezone

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

PROPOSED = sa.text("confirmed_at IS NULL AND closed_at IS NULL")
ALLOWED = """NEW.id = OLD.id AND NEW.programme_id = OLD.programme_id AND NEW.holder_name = OLD.holder_name
        AND NEW.iban = OLD.iban AND NEW.bic = OLD.bic AND NEW.proposed_at = OLD.proposed_at
        AND coalesce(NEW.proposed_by_id, 0) = coalesce(OLD.proposed_by_id, 0) AND OLD.closed_at IS NULL
        AND (OLD.confirmed_at IS NULL OR (NEW.confirmed_at = OLD.confirmed_at AND NEW.usable_from = OLD.usable_from
            AND coalesce(NEW.confirmed_by_id, 0) = coalesce(OLD.confirmed_by_id, 0)))"""
COPIED = ('holder', 'iban', 'bic')
delegate = sa.table("delegate", sa.column("id", sa.Integer), sa.column("email", sa.String))


def upgrade():
    lower_addresses(op.get_bind())
    with op.batch_alter_table('delegate', schema=None) as batch_op:
        batch_op.create_index('ix_delegate_email', ['email'], unique=False)
        batch_op.create_index('ix_delegate_name', ['name'], unique=False)
    op.create_table(
        'paying_account',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('programme_id', sa.Integer(), nullable=False),
        sa.Column('holder_name', sa.String(), nullable=False),
        sa.Column('iban', sa.String(), nullable=False),
        sa.Column('bic', sa.String(), nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=True),
        sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
        sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('usable_from', sa.DateTime(timezone=True), nullable=True),
        sa.Column('closed_by_id', sa.Integer(), nullable=True),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('closed_as', sa.String(), nullable=False),
        sa.Column('closed_because', sa.String(), nullable=False),
        sa.CheckConstraint('confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id', name=op.f('ck_paying_account_confirmed_by_another')),
        sa.CheckConstraint('(confirmed_at IS NULL) = (usable_from IS NULL)', name=op.f('ck_paying_account_usable_once_confirmed')),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_as = '')", name=op.f('ck_paying_account_closed_somehow')),
        sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_paying_account_programme_id_programme')),
        sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], name=op.f('fk_paying_account_proposed_by_id_user')),
        sa.ForeignKeyConstraint(['confirmed_by_id'], ['user.id'], name=op.f('fk_paying_account_confirmed_by_id_user')),
        sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], name=op.f('fk_paying_account_closed_by_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_paying_account')),
    )
    op.create_index('ix_paying_account_programme_id', 'paying_account', ['programme_id'])
    op.create_index('ix_paying_account_programme_id_proposed', 'paying_account', ['programme_id'], unique=True, sqlite_where=PROPOSED, postgresql_where=PROPOSED)
    with op.batch_alter_table('payment_batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('paying_account_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_payment_batch_paying_account_id_paying_account'), 'paying_account', ['paying_account_id'], ['id'])
    keep_accounts(op.get_bind())
    with op.batch_alter_table('programme', schema=None) as batch_op:
        for name in COPIED:
            batch_op.drop_column(f'account_{name}')
    for statement in _triggers():
        op.get_bind().exec_driver_sql(statement)


def keep_accounts(connection):
    now = {"now": datetime.now(timezone.utc)}
    typed = sa.bindparam("now", type_=sa.DateTime(timezone=True))
    connection.execute(
        sa.text(
            "INSERT INTO paying_account (programme_id, holder_name, iban, bic, proposed_at, confirmed_at, usable_from, closed_as, closed_because) "
            "SELECT id, account_holder, account_iban, account_bic, :now, :now, :now, '', '' FROM programme WHERE account_iban <> '' ORDER BY id"
        ).bindparams(typed),
        now,
    )
    connection.execute(
        sa.text(
            "UPDATE payment_batch SET paying_account_id = (SELECT a.id FROM paying_account a WHERE a.programme_id = payment_batch.programme_id) "
            "WHERE state IN ('approved', 'sent', 'settled') AND NOT EXISTS (SELECT 1 FROM bank_file f "
            "JOIN paying_account a ON a.programme_id = payment_batch.programme_id "
            "WHERE f.batch_id = payment_batch.id AND f.voided_at IS NULL AND f.payer_iban <> a.iban)"
        )
    )


def _triggers():
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'Records in paying_account are never changed or deleted'); END"
        yield f"CREATE TRIGGER paying_account_unchanged BEFORE UPDATE ON paying_account WHEN NOT coalesce({ALLOWED}, FALSE) {refuse}"
        yield f"CREATE TRIGGER paying_account_undeleted BEFORE DELETE ON paying_account {refuse}"
        yield f"CREATE TRIGGER paying_account_unreplaced BEFORE INSERT ON paying_account WHEN EXISTS (SELECT 1 FROM paying_account WHERE id = NEW.id) {refuse}"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"  # which 0006 has made
        yield f"CREATE TRIGGER paying_account_unchanged BEFORE UPDATE ON paying_account FOR EACH ROW WHEN (NOT coalesce({ALLOWED}, FALSE)) {refuse}"
        yield f"CREATE TRIGGER paying_account_undeleted BEFORE DELETE ON paying_account FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER paying_account_untruncated BEFORE TRUNCATE ON paying_account FOR EACH STATEMENT {refuse}"


def downgrade():
    """The account in use goes back to its programme; what was proposed, and who confirmed it, is lost."""
    with op.batch_alter_table('programme', schema=None) as batch_op:
        for name in COPIED:
            batch_op.add_column(sa.Column(f'account_{name}', sa.String(), nullable=False, server_default=''))
    in_use = (
        "(SELECT a.{column} FROM paying_account a WHERE a.programme_id = programme.id AND a.closed_at IS NULL "
        "AND a.confirmed_at IS NOT NULL ORDER BY a.usable_from DESC, a.id DESC LIMIT 1)"
    )
    for name, column in zip(COPIED, ('holder_name', 'iban', 'bic')):
        op.execute(f"UPDATE programme SET account_{name} = coalesce({in_use.format(column=column)}, '')")
    with op.batch_alter_table('payment_batch', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_payment_batch_paying_account_id_paying_account'), type_='foreignkey')
        batch_op.drop_column('paying_account_id')
    op.drop_table('paying_account')
    with op.batch_alter_table('delegate', schema=None) as batch_op:
        batch_op.drop_index('ix_delegate_name')
        batch_op.drop_index('ix_delegate_email')


def lower_addresses(connection):
    """In Python, as SQLite's lower() knows ASCII only."""
    for id, email in connection.execute(sa.select(delegate).where(delegate.c.email != "")).all():
        if email != email.lower():
            connection.execute(delegate.update().where(delegate.c.id == id).values(email=email.lower()))
