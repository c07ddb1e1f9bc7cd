"""Follow-up: questionnaires with their versions, who is asked, what is answered; each programme gets the standard set."""
import json
from datetime import UTC, datetime

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STANDARD = json.loads(r"""[{"key": "before", "title": "Before your visit: where do you stand?", "introduction": "One tap for each objective. We ask again later, to see what has changed.", "asked_of": "guest", "event": "signature", "days": 0, "months": [], "items": [
  {"key": "practice", "kind": "per_objective", "text": "How far does your organisation do this today?", "options": [["0", "We do not do it"], ["1", "We have tried it"], ["2", "Now and then"], ["3", "Usually"], ["4", "As a matter of course"]], "required": true}]},
{"key": "end_guest", "title": "How was your exchange?", "introduction": "Most of it is answered by a tap.", "asked_of": "guest", "event": "stay", "days": 7, "months": [], "items": [
  {"key": "met", "kind": "per_objective", "text": "Did you reach your objectives?", "options": [["yes", "Yes"], ["partly", "Partly"], ["no", "No"]], "required": true},
  {"key": "benefit", "kind": "choice", "text": "Did you gain what was agreed?", "options": [["yes", "Yes"], ["partly", "Partly"], ["no", "No"]], "required": true},
  {"key": "take_overs", "kind": "rows", "text": "What do you take home and put to use?", "help": "Up to three things. We ask you after 3, 6 and 12 months how far they are.", "columns": [{"key": "what", "kind": "text", "text": "What", "required": true}, {"key": "who", "kind": "text", "text": "Who does it"}, {"key": "by_when", "kind": "date", "text": "By when"}, {"key": "objective", "kind": "objective", "text": "For which objective"}]},
  {"key": "effort_worth", "kind": "yes_no", "text": "Was it worth the effort?"},
  {"key": "length", "kind": "choice", "text": "How long was it?", "options": [["short", "Too short"], ["right", "Just right"], ["long", "Too long"]]},
  {"key": "relevance", "kind": "scale_5", "text": "How relevant was it to your work?", "help": "1: not at all, 5: very much."},
  {"key": "trust", "kind": "scale_5", "text": "How openly did your hosts speak?", "help": "1: not at all, 5: very openly."},
  {"key": "apply", "kind": "scale_5", "text": "How much of it can you use at home?", "help": "1: nothing, 5: nearly all."},
  {"key": "met_managers", "kind": "number", "text": "How many cluster managers did you meet?"},
  {"key": "met_policy_makers", "kind": "number", "text": "How many policy makers did you meet?"},
  {"key": "met_members", "kind": "number", "text": "How many members of the cluster did you meet?"},
  {"key": "hours", "kind": "number", "text": "How many hours did the paperwork take you in all?", "help": "From the application to this page, roughly.", "unit": "hours", "whole": false},
  {"key": "covered", "kind": "percent", "text": "How much of your costs was covered?", "unit": "%"},
  {"key": "recommend", "kind": "scale_10", "text": "Would you recommend it to a colleague?", "help": "0: never, 10: at once."},
  {"key": "repeat", "kind": "yes_no", "text": "Would you do it again?"},
  {"key": "gave", "kind": "long_text", "text": "What did you give your host?"},
  {"key": "publish", "kind": "choice", "text": "May the programme tell others about your exchange?", "help": "You can change your mind at any time.", "options": [["with_names", "Yes, with names"], ["without", "Yes, without names"], ["no", "No"]]}]},
{"key": "end_delegate", "title": "How was your visit?", "introduction": "Five taps.", "asked_of": "delegate", "event": "stay", "days": 7, "months": [], "items": [
  {"key": "relevance", "kind": "scale_5", "text": "How relevant was it to your work?", "help": "1: not at all, 5: very much."},
  {"key": "trust", "kind": "scale_5", "text": "How openly did your hosts speak?", "help": "1: not at all, 5: very openly."},
  {"key": "apply", "kind": "scale_5", "text": "How much of it can you use at home?", "help": "1: nothing, 5: nearly all."},
  {"key": "length", "kind": "choice", "text": "How long was it?", "options": [["short", "Too short"], ["right", "Just right"], ["long", "Too long"]]},
  {"key": "recommend", "kind": "scale_10", "text": "Would you recommend it to a colleague?", "help": "0: never, 10: at once."},
  {"key": "words", "kind": "long_text", "text": "What else should we know?"}]},
{"key": "end_host", "title": "How was it with your guests?", "introduction": "Most of it is answered by a tap.", "asked_of": "host", "event": "stay", "days": 7, "months": [], "items": [
  {"key": "prepared", "kind": "scale_5", "text": "How well had your guests prepared?", "help": "1: badly, 5: very well."},
  {"key": "worked", "kind": "scale_5", "text": "How well did the days go?", "help": "1: badly, 5: very well."},
  {"key": "learned", "kind": "long_text", "text": "What did you learn from your guests?"},
  {"key": "adopted", "kind": "number", "text": "How many of their ideas will you adopt?"},
  {"key": "benefit", "kind": "choice", "text": "Did you gain what was agreed?", "options": [["yes", "Yes"], ["partly", "Partly"], ["no", "No"]], "required": true},
  {"key": "effort_worth", "kind": "yes_no", "text": "Was it worth the effort?"},
  {"key": "hours", "kind": "number", "text": "How many hours did the paperwork take you in all?", "help": "From the application to this page, roughly.", "unit": "hours", "whole": false},
  {"key": "contacts", "kind": "number", "text": "How many new contacts did you make?"},
  {"key": "again", "kind": "choice", "text": "Would you host again?", "options": [["yes", "Yes"], ["unsure", "I am not sure"], ["no", "No"]]},
  {"key": "change_theme", "kind": "long_text", "text": "What would you change in your theme?"},
  {"key": "publish", "kind": "choice", "text": "May the programme tell others about your exchange?", "help": "You can change your mind at any time.", "options": [["with_names", "Yes, with names"], ["without", "Yes, without names"], ["no", "No"]]}]},
{"key": "month_3", "title": "Three months later: how far are you?", "introduction": "What you took home, and what stands in the way.", "asked_of": "guest", "event": "stay", "days": 0, "months": [3], "items": [
  {"key": "take_over_states", "kind": "per_take_over", "text": "How far is each thing you wanted to take over?", "options": [["planned", "Planned"], ["started", "Started"], ["in_use", "In use"], ["dropped", "Dropped"]], "required": true, "why": true},
  {"key": "practice", "kind": "per_objective", "text": "How far does your organisation do this now?", "options": [["0", "We do not do it"], ["1", "We have tried it"], ["2", "Now and then"], ["3", "Usually"], ["4", "As a matter of course"]], "required": true},
  {"key": "shared", "kind": "number", "text": "How many colleagues have you told about it?"},
  {"key": "obstacles", "kind": "several", "text": "What stands in the way?", "options": [["time", "Time"], ["mandate", "Mandate"], ["money", "Money"], ["skills", "Skills"], ["leadership", "Leadership"], ["other", "Something else"]]},
  {"key": "obstacles_other", "kind": "text", "text": "What else stands in the way?", "only_if": {"item": "obstacles", "answers": ["other"]}},
  {"key": "contacts", "kind": "number", "text": "How often have you been in contact with your host since?"},
  {"key": "support", "kind": "long_text", "text": "What support would help you?"}]},
{"key": "month_6", "title": "Six months later: what has changed?", "introduction": "What you took home, and what came of it.", "asked_of": "guest", "event": "stay", "days": 0, "months": [6], "items": [
  {"key": "take_over_states", "kind": "per_take_over", "text": "How far is each thing you wanted to take over?", "options": [["planned", "Planned"], ["started", "Started"], ["in_use", "In use"], ["dropped", "Dropped"]], "required": true, "why": true},
  {"key": "changes", "kind": "rows", "text": "What has changed because of it?", "help": "Leave it empty if nothing has changed yet: that is an answer, too.", "columns": [{"key": "kind", "kind": "choice", "text": "Kind", "options": [["service", "Service"], ["tool", "Tool"], ["procedure", "Procedure"], ["policy_instrument", "Policy instrument"]], "required": true}, {"key": "what", "kind": "text", "text": "What"}, {"key": "evidence", "kind": "text", "text": "Where one can see it", "help": "A link, or the name of a document."}]},
  {"key": "joint", "kind": "numbers", "text": "What have you begun together since?", "options": [["project", "Projects"], ["proposal", "Proposals"], ["introduction", "Introductions of members"]]}]},
{"key": "month_6_host", "title": "Six months later: what has changed at yours?", "introduction": "Two questions about what your guests brought you.", "asked_of": "host", "event": "stay", "days": 0, "months": [6], "items": [
  {"key": "changes", "kind": "rows", "text": "What has changed because of it?", "help": "Leave it empty if nothing has changed yet: that is an answer, too.", "columns": [{"key": "kind", "kind": "choice", "text": "Kind", "options": [["service", "Service"], ["tool", "Tool"], ["procedure", "Procedure"], ["policy_instrument", "Policy instrument"]], "required": true}, {"key": "what", "kind": "text", "text": "What"}, {"key": "evidence", "kind": "text", "text": "Where one can see it", "help": "A link, or the name of a document."}]},
  {"key": "joint", "kind": "numbers", "text": "What have you begun together since?", "options": [["project", "Projects"], ["proposal", "Proposals"], ["introduction", "Introductions of members"]]}]},
{"key": "month_12", "title": "A year later: what came of it?", "introduction": "The last time that we ask about this exchange.", "asked_of": "guest", "event": "stay", "days": 0, "months": [12], "items": [
  {"key": "take_over_states", "kind": "per_take_over", "text": "How far is each thing you wanted to take over?", "options": [["planned", "Planned"], ["started", "Started"], ["in_use", "In use"], ["dropped", "Dropped"]], "required": true, "why": true},
  {"key": "practice", "kind": "per_objective", "text": "How far does your organisation do this now?", "options": [["0", "We do not do it"], ["1", "We have tried it"], ["2", "Now and then"], ["3", "Usually"], ["4", "As a matter of course"]], "required": true},
  {"key": "members_served", "kind": "number", "text": "How many of your members have had something of it?"},
  {"key": "leveraged", "kind": "money", "text": "How much money has it brought in?", "help": "Grants, fees and investments that followed from it."},
  {"key": "label", "kind": "choice", "text": "Did it help with a quality label?", "options": [["none", "No"], ["improved", "We improved ours"], ["awarded", "We were awarded one"]]},
  {"key": "policy", "kind": "yes_no", "text": "Was a policy decision influenced by it?"},
  {"key": "anyway", "kind": "choice", "text": "Would this have happened without the programme?", "options": [["same", "Yes, just the same"], ["later", "Yes, but later"], ["smaller", "Yes, but smaller"], ["not_at_all", "No, not at all"]]},
  {"key": "story", "kind": "yes_no", "text": "Would you tell others about it in a success story?"}]},
{"key": "month_12_host", "title": "A year later: is it still in use?", "introduction": "Two taps.", "asked_of": "host", "event": "stay", "days": 0, "months": [12], "items": [
  {"key": "still_used", "kind": "yes_no", "text": "Do you still use what your guests brought you?"},
  {"key": "anyway", "kind": "choice", "text": "Would this have happened without the programme?", "options": [["same", "Yes, just the same"], ["later", "Yes, but later"], ["smaller", "Yes, but smaller"], ["not_at_all", "No, not at all"]]}]},
{"key": "manager", "title": "Is it in use at yours?", "introduction": "One tap for each thing that your colleague brought home.", "asked_of": "manager", "event": "stay", "days": 0, "months": [6, 12], "items": [
  {"key": "confirmed", "kind": "per_take_over", "text": "Is it in use?", "options": [["in_use", "In use"], ["not_yet", "Not yet"], ["dropped", "Dropped"]]}]},
{"key": "delivery", "title": "How was the service?", "introduction": "A few taps about what you received.", "asked_of": "holder", "event": "delivery", "days": 0, "months": [], "items": [
  {"key": "quality", "kind": "scale_5", "text": "How good was it?", "help": "1: poor, 5: excellent."},
  {"key": "fit", "kind": "scale_5", "text": "How well did it fit your need?", "help": "1: not at all, 5: exactly."},
  {"key": "answer_days", "kind": "number", "text": "How many days did the provider take to answer you?", "unit": "days"},
  {"key": "certificate", "kind": "yes_no", "text": "Did you get a certificate?"}]},
{"key": "applied", "title": "Six months later: did you use it?", "introduction": "What came of what you bought.", "asked_of": "holder", "event": "delivery", "days": 0, "months": [6], "items": [
  {"key": "applied", "kind": "choice", "text": "Do you use what you bought or learnt?", "options": [["yes", "Yes"], ["partly", "Partly"], ["no", "No"]], "required": true},
  {"key": "changes", "kind": "rows", "text": "What has changed because of it?", "help": "Leave it empty if nothing has changed yet: that is an answer, too.", "columns": [{"key": "kind", "kind": "choice", "text": "Kind", "options": [["service", "Service"], ["tool", "Tool"], ["procedure", "Procedure"], ["policy_instrument", "Policy instrument"]], "required": true}, {"key": "what", "kind": "text", "text": "What"}, {"key": "evidence", "kind": "text", "text": "Where one can see it", "help": "A link, or the name of a document."}]},
  {"key": "bought_more", "kind": "yes_no", "text": "Have you bought more of it since, without a voucher?"},
  {"key": "anyway", "kind": "choice", "text": "Would this have happened without the programme?", "options": [["same", "Yes, just the same"], ["later", "Yes, but later"], ["smaller", "Yes, but smaller"], ["not_at_all", "No, not at all"]]}]}]""")


def upgrade():
    op.create_table('questionnaire',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('introduction', sa.String(), nullable=False),
    sa.Column('asked_of', sa.String(), nullable=False),
    sa.Column('event', sa.String(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('months', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('answer_days', sa.Integer(), nullable=True),
    sa.Column('is_asked', sa.Boolean(), nullable=False),
    sa.Column('asks_from', sa.Date(), nullable=False),
    sa.Column('draft', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('days >= 0', name=op.f('ck_questionnaire_days_not_negative')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_questionnaire_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire')),
    sa.UniqueConstraint('programme_id', 'key', name=op.f('uq_questionnaire_programme_id_key'))
    )
    op.create_table('questionnaire_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('items', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['published_by_id'], ['user.id'], name=op.f('fk_questionnaire_version_published_by_id_user')),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_questionnaire_version_questionnaire_id_questionnaire')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire_version')),
    sa.UniqueConstraint('questionnaire_id', 'number', name=op.f('uq_questionnaire_version_questionnaire_id_number'))
    )
    op.create_table('asking',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=True),
    sa.Column('voucher_id', sa.Integer(), nullable=True),
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.CheckConstraint('(exchange_id IS NULL) <> (voucher_id IS NULL)', name=op.f('ck_asking_about_one')),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_asking_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_asking_questionnaire_id_questionnaire')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_asking_voucher_id_voucher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asking')),
    sa.UniqueConstraint('questionnaire_id', 'round', 'exchange_id', name=op.f('uq_asking_questionnaire_id_round_exchange_id')),
    sa.UniqueConstraint('questionnaire_id', 'round', 'voucher_id', name=op.f('uq_asking_questionnaire_id_round_voucher_id'))
    )
    with op.batch_alter_table('asking', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_asking_exchange_id'), ['exchange_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_asking_voucher_id'), ['voucher_id'], unique=False)

    op.create_table('questionnaire_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('programme_id', sa.Integer(), nullable=False),
    sa.Column('asking_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=False),
    sa.Column('asked_version_id', sa.Integer(), nullable=False),
    sa.Column('exchange_id', sa.Integer(), nullable=True),
    sa.Column('voucher_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('respondent_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('link', sa.Integer(), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('mailed_on', sa.Date(), nullable=False),
    sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('waiting_for', sa.String(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['asking_id'], ['asking.id'], name=op.f('fk_questionnaire_request_asking_id_asking')),
    sa.ForeignKeyConstraint(['exchange_id'], ['exchange.id'], name=op.f('fk_questionnaire_request_exchange_id_exchange')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_questionnaire_request_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_questionnaire_request_programme_id_programme')),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_questionnaire_request_questionnaire_id_questionnaire')),
    sa.ForeignKeyConstraint(['asked_version_id'], ['questionnaire_version.id'], name=op.f('fk_questionnaire_request_asked_version_id_questionnaire_version')),
    sa.ForeignKeyConstraint(['respondent_id'], ['user.id'], name=op.f('fk_questionnaire_request_respondent_id_user')),
    sa.ForeignKeyConstraint(['voucher_id'], ['voucher.id'], name=op.f('fk_questionnaire_request_voucher_id_voucher')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnaire_request')),
    sa.UniqueConstraint('asking_id', 'place', name=op.f('uq_questionnaire_request_asking_id_place'))
    )
    with op.batch_alter_table('questionnaire_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_questionnaire_request_exchange_id'), ['exchange_id'], unique=False)
        batch_op.create_index('ix_questionnaire_request_organisation_id_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index('ix_questionnaire_request_programme_id_state_due_on', ['programme_id', 'state', 'due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_questionnaire_request_questionnaire_id'), ['questionnaire_id'], unique=False)
        batch_op.create_index('ix_questionnaire_request_respondent_id_state', ['respondent_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_questionnaire_request_voucher_id'), ['voucher_id'], unique=False)
        batch_op.create_index('ix_questionnaire_request_waiting_for_due_on', ['waiting_for', 'due_on'], unique=False)

    op.create_table('answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('asked_version_id', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(), nullable=False),
    sa.Column('handed_over', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_answer_by_id_user')),
    sa.ForeignKeyConstraint(['asked_version_id'], ['questionnaire_version.id'], name=op.f('fk_answer_asked_version_id_questionnaire_version')),
    sa.ForeignKeyConstraint(['request_id'], ['questionnaire_request.id'], name=op.f('fk_answer_request_id_questionnaire_request')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_request_id'), ['request_id'], unique=False)

    op.create_table('answer_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['questionnaire_request.id'], name=op.f('fk_answer_draft_request_id_questionnaire_request')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_draft')),
    sa.UniqueConstraint('request_id', name=op.f('uq_answer_draft_request_id'))
    )

    _furnish(op.get_bind())


def _furnish(connection):
    """Asked from today on, in each programme that there is: nobody is asked about what is long past."""
    now = datetime.now(UTC)
    add = sa.text("""INSERT INTO questionnaire (programme_id, key, position, title, introduction, asked_of, event, days, months, is_asked,
        asks_from, version) VALUES (:programme, :key, :position, :title, :introduction, :asked_of, :event, :days, :months, :yes, :today, 1)""")
    add = add.bindparams(sa.bindparam("months", type_=JSON), sa.bindparam("today", type_=sa.Date), sa.bindparam("yes", type_=sa.Boolean))
    add_version = sa.text("""INSERT INTO questionnaire_version (questionnaire_id, number, items, published_at)
        SELECT id, 1, :items, :now FROM questionnaire WHERE key = :key""")
    add_version = add_version.bindparams(sa.bindparam("items", type_=JSON), sa.bindparam("now", type_=sa.DateTime(timezone=True)))
    programmes = list(connection.scalars(sa.text("SELECT id FROM programme ORDER BY id")))
    for position, each in enumerate(STANDARD, 1):
        given = {name: value for name, value in each.items() if name != "items"}
        for programme in programmes:
            connection.execute(add, {**given, "programme": programme, "position": position, "yes": True, "today": now.date()})
        connection.execute(add_version, {"items": each["items"], "now": now, "key": each["key"]})


def downgrade():
    op.drop_table('answer_draft')
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_request_id'))

    op.drop_table('answer')
    with op.batch_alter_table('questionnaire_request', schema=None) as batch_op:
        batch_op.drop_index('ix_questionnaire_request_waiting_for_due_on')
        batch_op.drop_index(batch_op.f('ix_questionnaire_request_voucher_id'))
        batch_op.drop_index('ix_questionnaire_request_respondent_id_state')
        batch_op.drop_index(batch_op.f('ix_questionnaire_request_questionnaire_id'))
        batch_op.drop_index('ix_questionnaire_request_programme_id_state_due_on')
        batch_op.drop_index('ix_questionnaire_request_organisation_id_state')
        batch_op.drop_index(batch_op.f('ix_questionnaire_request_exchange_id'))

    op.drop_table('questionnaire_request')
    with op.batch_alter_table('asking', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_asking_voucher_id'))
        batch_op.drop_index(batch_op.f('ix_asking_exchange_id'))

    op.drop_table('asking')
    op.drop_table('questionnaire_version')
    op.drop_table('questionnaire')
