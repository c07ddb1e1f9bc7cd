"""Files that a coordinator moves in for the own organisation; exchanges and vouchers that began elsewhere."""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('import', schema=None) as batch_op:
        batch_op.add_column(sa.Column('organisation_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_import_organisation_id_organisation'), 'organisation', ['organisation_id'], ['id'])
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.add_column(sa.Column('moved_in', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.alter_column('moved_in', existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agreed_elsewhere_on', sa.Date(), nullable=True))
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.add_column(sa.Column('granted_elsewhere', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('paid_elsewhere', sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.alter_column('granted_elsewhere', existing_type=sa.String(), server_default=None)
        batch_op.alter_column('paid_elsewhere', existing_type=sa.String(), server_default=None)


def downgrade():
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_column('paid_elsewhere')
        batch_op.drop_column('granted_elsewhere')
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.drop_column('agreed_elsewhere_on')
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_column('moved_in')
    with op.batch_alter_table('import', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_import_organisation_id_organisation'), type_='foreignkey')
        batch_op.drop_column('organisation_id')
