"""Take-overs with what shows and confirms them, own key figures, and who the guest's manager is. The questionnaires and their answers
(0014) come with it, so there is nobody yet who has answered what they took home."""
from datetime import UTC, datetime

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ASKED = {"key": "key_figures", "kind": "per_key_figure", "text": "Where do your own key figures stand today?",
    "help": "Those that this exchange was to serve. Leave empty what was not measured."}
VERSION = sa.table("questionnaire_version", sa.column("id"), sa.column("questionnaire_id"), sa.column("number"), sa.column("items", JSON),
    sa.column("published_at", sa.DateTime(timezone=True)))
QUESTIONNAIRE = sa.table("questionnaire", sa.column("id"), sa.column("key"), sa.column("draft", JSON))
REQUEST = sa.table("questionnaire_request", sa.column("asked_version_id"))


def upgrade():
    op.create_table('key_figure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('baseline', sa.BigInteger(), nullable=False),
    sa.Column('baseline_on', sa.Date(), nullable=False),
    sa.Column('target', sa.BigInteger(), nullable=True),
    sa.Column('target_on', sa.Date(), nullable=True),
    sa.Column('strategy', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(target IS NULL) = (target_on IS NULL)', name=op.f('ck_key_figure_target_with_day')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_key_figure_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_figure'))
    )
    with op.batch_alter_table('key_figure', schema=None) as batch_op:
        batch_op.create_index('ix_key_figure_organisation_id_state', ['organisation_id', 'state'], unique=False)

    op.create_table('serving',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key_figure_id', sa.Integer(), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('chosen_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['key_figure_id'], ['key_figure.id'], name=op.f('fk_serving_key_figure_id_key_figure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_serving')),
    sa.UniqueConstraint('key_figure_id', 'subject_type', 'subject_id', name=op.f('uq_serving_key_figure_id_subject_type_subject_id'))
    )
    with op.batch_alter_table('serving', schema=None) as batch_op:
        batch_op.create_index('ix_serving_subject', ['subject_type', 'subject_id'], unique=False)

    op.create_table('take_over',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('by_when', sa.Date(), nullable=True),
    sa.Column('objective', sa.String(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('answered', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_take_over_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_take_over_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_take_over_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_take_over')),
    sa.UniqueConstraint('exchange_id', 'key', name=op.f('uq_take_over_exchange_id_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('take_over', schema=None) as batch_op:
        batch_op.create_index('ix_take_over_organisation_id_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index('ix_take_over_programme_id_state', ['programme_id', 'state'], unique=False)

    op.create_table('take_over_confirmation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('take_over_id', sa.Integer(), nullable=False),
    sa.Column('occasion', sa.String(), nullable=False),
    sa.Column('said', sa.String(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('by_name', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['take_over_id'], ['take_over.id'], name=op.f('fk_take_over_confirmation_take_over_id_take_over')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_take_over_confirmation')),
    sa.UniqueConstraint('take_over_id', 'occasion', name=op.f('uq_take_over_confirmation_take_over_id_occasion'))
    )
    op.create_table('take_over_evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('take_over_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=True),
    sa.Column('content_type', sa.String(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('sha256', sa.String(), nullable=True),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(url IS NULL) <> (key IS NULL)', name=op.f('ck_take_over_evidence_link_or_file')),
    sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_take_over_evidence_added_by_id_user')),
    sa.ForeignKeyConstraint(['take_over_id'], ['take_over.id'], name=op.f('fk_take_over_evidence_take_over_id_take_over')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_take_over_evidence')),
    sa.UniqueConstraint('key', name=op.f('uq_take_over_evidence_key')),
    sa.UniqueConstraint('take_over_id', 'sha256', name=op.f('uq_take_over_evidence_take_over_id_sha256')),
    sa.UniqueConstraint('take_over_id', 'url', name=op.f('uq_take_over_evidence_take_over_id_url'))
    )
    op.create_table('key_figure_value',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key_figure_id', sa.Integer(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by_name', sa.String(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_key_figure_value_by_id_user')),
    sa.ForeignKeyConstraint(['key_figure_id'], ['key_figure.id'], name=op.f('fk_key_figure_value_key_figure_id_key_figure')),
    sa.ForeignKeyConstraint(['request_id'], ['questionnaire_request.id'], name=op.f('fk_key_figure_value_request_id_questionnaire_request')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_figure_value'))
    )
    with op.batch_alter_table('key_figure_value', schema=None) as batch_op:
        batch_op.create_index('ix_key_figure_value_key_figure_id_on', ['key_figure_id', 'on'], unique=False)
        batch_op.create_index(batch_op.f('ix_key_figure_value_request_id'), ['request_id'], unique=False)

    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.add_column(sa.Column('manager_name', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('manager_email', sa.String(), server_default='', nullable=False))

    _ask_for_key_figures(op.get_bind())


def _ask_for_key_figures(connection):
    """A year later, in each programme: in the newest version if nobody was asked it, else in another one."""
    yearly = list(connection.scalars(sa.select(QUESTIONNAIRE.c.id).where(QUESTIONNAIRE.c.key == "month_12")))
    for id in yearly:
        newest = sa.select(VERSION).where(VERSION.c.questionnaire_id == id).order_by(VERSION.c.number.desc()).limit(1)
        version = connection.execute(newest).one()
        items = [*version._mapping["items"], ASKED]
        if connection.scalar(sa.select(sa.func.count()).select_from(REQUEST).where(REQUEST.c.asked_version_id == version.id)):
            given = {"questionnaire_id": id, "number": version.number + 1, "items": items, "published_at": datetime.now(UTC)}
            connection.execute(sa.insert(VERSION).values(**given))
        else:
            connection.execute(sa.update(VERSION).where(VERSION.c.id == version.id).values(items=items))
        draft = connection.scalar(sa.select(QUESTIONNAIRE.c.draft).where(QUESTIONNAIRE.c.id == id))
        if draft:
            connection.execute(sa.update(QUESTIONNAIRE).where(QUESTIONNAIRE.c.id == id).values(draft=[*draft, ASKED]))


def _ask_no_more(connection):
    for table, column in ((VERSION, "items"), (QUESTIONNAIRE, "draft")):
        for id, items in connection.execute(sa.select(table.c.id, table.c[column])).all():
            kept = [each for each in items or [] if each["kind"] != "per_key_figure"]
            if items and kept != items:
                connection.execute(sa.update(table).where(table.c.id == id).values({column: kept}))


def downgrade():
    _ask_no_more(op.get_bind())
    with op.batch_alter_table('exchange', schema=None) as batch_op:
        batch_op.drop_column('manager_email')
        batch_op.drop_column('manager_name')

    with op.batch_alter_table('key_figure_value', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_key_figure_value_request_id'))
        batch_op.drop_index('ix_key_figure_value_key_figure_id_on')

    op.drop_table('key_figure_value')
    op.drop_table('take_over_evidence')
    op.drop_table('take_over_confirmation')
    with op.batch_alter_table('take_over', schema=None) as batch_op:
        batch_op.drop_index('ix_take_over_programme_id_state')
        batch_op.drop_index('ix_take_over_organisation_id_state')

    op.drop_table('take_over')
    with op.batch_alter_table('serving', schema=None) as batch_op:
        batch_op.drop_index('ix_serving_subject')

    op.drop_table('serving')
    with op.batch_alter_table('key_figure', schema=None) as batch_op:
        batch_op.drop_index('ix_key_figure_organisation_id_state')

    op.drop_table('key_figure')