"""Ways back: a claim extended once, an assessor who is against, an agreement without a voucher.

What was recovered in part is paid still: the rest can be recovered, too.
"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claim_extended', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('advised_against', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('travellers', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('self_funded', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.execute("UPDATE agreement_version SET self_funded = (SELECT self_funded FROM exchange WHERE exchange.id = exchange_id)")
    _write_travellers(op.get_bind())
    op.execute("UPDATE voucher SET state = 'paid' WHERE state = 'recovered' AND recovered_amount < final_amount")


def _write_travellers(connection):
    """Who travels, as the versions say from now on: a name on each line."""
    names = {}
    found = sa.text("SELECT e.id, d.name FROM exchange e JOIN delegate d ON d.application_id = e.application_id ORDER BY e.id, d.position")
    for id, name in connection.execute(found):
        names.setdefault(id, []).append(name)
    write = sa.text("UPDATE agreement_version SET travellers = :names WHERE exchange_id = :id")
    if names:
        connection.execute(write, [{"id": id, "names": "\n".join(each)} for id, each in names.items()])


def downgrade():
    op.execute("UPDATE voucher SET state = 'recovered' WHERE state = 'paid' AND recovered_amount > 0")
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.drop_column('self_funded')
        batch_op.drop_column('travellers')

    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_column('advised_against')
        batch_op.drop_column('claim_extended')
