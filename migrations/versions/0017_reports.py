"""The guest's end questionnaire is the report of the claim; exchanges close when both end questionnaires are in or over

Whoever claimed before has reported with words of the claim's own, which stay there: their round counts as asked, of nobody.
An exchange's day of both reports is not kept any more, as the questionnaires have their own; going down works it out again.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('questionnaire_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('report_of_id', sa.Integer(), nullable=True))
        batch_op.alter_column('mailed_on', existing_type=sa.Date(), nullable=True)
        batch_op.create_index(batch_op.f('ix_questionnaire_request_report_of_id'), ['report_of_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_questionnaire_request_report_of_id_voucher'), 'voucher', ['report_of_id'], ['id'])
    _count_as_asked(op.get_bind())
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.drop_column('reports_due_on')
        batch_op.drop_column('reports_missing')


def _count_as_asked(connection):
    """The end questionnaire of those who have reported with their claim."""
    connection.execute(
        sa.text("""INSERT INTO asking (questionnaire_id, round, exchange_id, asked_on)
            SELECT questionnaire.id, 0, exchange.id, COALESCE(voucher.delivered_on, exchange.last_day)
            FROM claim JOIN voucher ON voucher.id = claim.voucher_id JOIN exchange ON exchange.id = voucher.exchange_id
                JOIN questionnaire ON questionnaire.programme_id = exchange.programme_id AND questionnaire.key = 'end_guest'
            WHERE claim.submitted_at IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM asking WHERE asking.questionnaire_id = questionnaire.id AND asking.exchange_id = exchange.id)""")
    )


def downgrade():
    connection = op.get_bind()
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reports_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('reports_missing', sa.Boolean(), nullable=True))
    _work_out(connection)
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.alter_column('reports_missing', existing_type=sa.Boolean(), nullable=False)
    connection.execute(
        sa.text("""DELETE FROM asking WHERE questionnaire_id IN (SELECT id FROM questionnaire WHERE key = 'end_guest')
            AND NOT EXISTS (SELECT 1 FROM questionnaire_request WHERE asking_id = asking.id)""")
    )
    connection.execute(
        sa.text("""UPDATE questionnaire_request SET waiting_for = 'questionnaire', due_on = answer_by,
                waiting_since = (SELECT asked_on FROM asking WHERE asking.id = asking_id)
            WHERE state = 'asked' AND waiting_for IS NULL""")
    )
    connection.execute(
        sa.text("""UPDATE questionnaire_request SET mailed_on = (SELECT asked_on FROM asking WHERE asking.id = asking_id)
            WHERE mailed_on IS NULL""")
    )
    with op.batch_alter_table('questionnaire_request', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_questionnaire_request_report_of_id_voucher'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_questionnaire_request_report_of_id'))
        batch_op.alter_column('mailed_on', existing_type=sa.Date(), nullable=False)
        batch_op.drop_column('report_of_id')


def _work_out(connection):
    """As it was when the attendance was confirmed: 7 days after the last day, and the programme's days to answer."""
    exchange = sa.table('exchange', *map(sa.column, ('id', 'programme_id', 'state')), sa.column('actual_last_day', sa.Date),
        sa.column('reports_due_on', sa.Date), sa.column('reports_missing', sa.Boolean))
    programme = sa.table('programme', sa.column('id'), sa.column('questionnaire_days'))
    connection.execute(exchange.update().values(reports_missing=exchange.c.state == 'closed'))
    found = sa.select(exchange.c.id, exchange.c.actual_last_day, programme.c.questionnaire_days)
    found = found.join_from(exchange, programme, exchange.c.programme_id == programme.c.id)
    for id, last_day, days in connection.execute(found.where(exchange.c.actual_last_day.is_not(None))).all():
        day = last_day + timedelta(days=7 + days)
        connection.execute(exchange.update().where(exchange.c.id == id).values(reports_due_on=day))
