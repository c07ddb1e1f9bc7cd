"""Whether a decider travels is asked by address and name: addresses of delegates are in lower case, as those of accounts."""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0025'
down_revision = '0023'
branch_labels = None
depends_on = None

delegate = sa.table("delegate", sa.column("id", sa.Integer), sa.column("email", sa.String))


def upgrade():
    lower_addresses(op.get_bind())
    with op.batch_alter_table('delegate', schema=None) as batch_op:
        batch_op.create_index('ix_delegate_email', ['email'], unique=False)
        batch_op.create_index('ix_delegate_name', ['name'], unique=False)


def downgrade():
    with op.batch_alter_table('delegate', schema=None) as batch_op:
        batch_op.drop_index('ix_delegate_name')
        batch_op.drop_index('ix_delegate_email')


def lower_addresses(connection):
    """In Python, as SQLite's lower() knows ASCII only."""
    for id, email in connection.execute(sa.select(delegate).where(delegate.c.email != "")).all():
        if email != email.lower():
            connection.execute(delegate.update().where(delegate.c.id == id).values(email=email.lower()))
