"""Names as they were: on signatures, agreements, certificates and in the history. Of the past, what is true now.

Must come before whatever makes the history unchangeable, as it fills a column of it.
"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
VERSION = sa.table('agreement_version', sa.column('id', sa.Integer), sa.column('signed_names', JSON))
EXCHANGE = sa.table('exchange', sa.column('id', sa.Integer), sa.column('certified_names', JSON), sa.column('confirmed_by_name', sa.String))
NAMES = """SELECT e.id, t.title AS theme, p.name AS programme, h.name AS host, h.city AS host_city, g.name AS guest_organisation,
    g.city AS guest_city, g.country AS guest_country, e.application_id, u.name AS confirmed_by, e.certificate_code
    FROM exchange e JOIN theme t ON t.id = e.theme_id JOIN programme p ON p.id = e.programme_id JOIN organisation h ON h.id = e.host_id
    JOIN organisation g ON g.id = e.guest_organisation_id LEFT JOIN "user" u ON u.id = e.confirmed_by_id"""
CALLED = ('theme', 'programme', 'host', 'host_city', 'guest_organisation', 'guest_city', 'guest_country')


def upgrade():
    with op.batch_alter_table('history_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('actor_name', sa.String(), nullable=False, server_default='Mobility'))
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.add_column(sa.Column('name', sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('signed_names', JSON, nullable=False, server_default='{}'))
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.add_column(sa.Column('certified_names', JSON, nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('confirmed_by_name', sa.String(), nullable=False, server_default=''))
    op.execute('UPDATE history_entry SET actor_name = (SELECT name FROM "user" WHERE "user".id = actor_id) WHERE actor_id IS NOT NULL')
    op.execute('UPDATE signature SET name = (SELECT name FROM "user" WHERE "user".id = signed_by_id)')
    _fill(op.get_bind())
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


COLUMNS = {
    'history_entry': ['actor_name'], 'signature': ['name'], 'agreement_version': ['signed_names'],
    'exchange': ['certified_names', 'confirmed_by_name'],
}


def _fill(connection):
    """The names on what is signed and certified."""
    travelling = {}
    for application_id, name, level in connection.execute(sa.text('SELECT application_id, name, level FROM delegate ORDER BY application_id, position')):
        travelling.setdefault(application_id, []).append([name, level])
    signed = {}
    for id, exchange_id in connection.execute(sa.text(
            'SELECT id, exchange_id FROM agreement_version WHERE id IN (SELECT agreement_version_id FROM signature)')):
        signed.setdefault(exchange_id, []).append(id)
    versions, certified = [], []
    for row in connection.execute(sa.text(NAMES)).mappings():
        names = {name: row[name] for name in CALLED} | {'guests': travelling.get(row['application_id'], [])}
        versions += [{'of': id, 'names': names} for id in signed.get(row['id'], [])]
        if row['certificate_code']:
            certified.append({'of': row['id'], 'names': names, 'by': row['confirmed_by'] or ''})
    if versions:
        connection.execute(sa.update(VERSION).where(VERSION.c.id == sa.bindparam('of')).values(signed_names=sa.bindparam('names')), versions)
    if certified:
        connection.execute(
            sa.update(EXCHANGE).where(EXCHANGE.c.id == sa.bindparam('of')).values(certified_names=sa.bindparam('names'), confirmed_by_name=sa.bindparam('by')),
            certified)


def downgrade():
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
