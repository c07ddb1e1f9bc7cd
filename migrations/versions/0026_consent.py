"""A role begins when its person accepts: invitations; and who acts for somebody else, and in whose stead a history entry was made.

Roles that people were given by an invitation that they have never taken up become invitations that wait; going down, these are roles.
"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

IS_OPEN = sa.text('answer IS NULL')
INVITATION_ALLOWED = """NEW.id = OLD.id AND NEW.person_id = OLD.person_id AND NEW.role = OLD.role AND NEW.invited_at = OLD.invited_at
        AND coalesce(NEW.organisation_id, 0) = coalesce(OLD.organisation_id, 0)
        AND coalesce(NEW.programme_id, 0) = coalesce(OLD.programme_id, 0)
        AND coalesce(NEW.invited_by_id, 0) = coalesce(OLD.invited_by_id, 0)
        AND OLD.answer IS NULL"""
STANDING_IN_ALLOWED = """NEW.id = OLD.id AND NEW.administrator_id = OLD.administrator_id AND NEW.person_id = OLD.person_id
        AND NEW.reason = OLD.reason AND NEW.began_at = OLD.began_at AND NEW.ends_at = OLD.ends_at
        AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL"""

# Whoever was mailed an invitation and has never set a password; the demonstration's people have neither
NEVER_ACCEPTED = """membership.until IS NULL AND EXISTS (
    SELECT 1 FROM "user" WHERE "user".id = membership.user_id AND "user".password_hash = '') AND EXISTS (
    SELECT 1 FROM outbox_message WHERE outbox_message.recipient_id = membership.user_id AND outbox_message.kind = 'invitation')"""
SENT = "(SELECT max(created_at) FROM outbox_message WHERE recipient_id = membership.user_id AND kind = 'invitation')"
LINK = """FROM mailed_link WHERE mailed_link.user_id = membership.user_id AND mailed_link.purpose = 'invitation'
    AND mailed_link.used_at IS NULL ORDER BY mailed_link.id DESC LIMIT 1"""
TO_INVITATIONS = f"""INSERT INTO role_invitation
    (person_id, organisation_id, programme_id, role, invited_at, sent_at, expires_at, link_hash)
    SELECT user_id, organisation_id, programme_id, role, {SENT}, {SENT},
        coalesce((SELECT expires_at {LINK}), {SENT}), coalesce((SELECT token_hash {LINK}), '')
    FROM membership WHERE {NEVER_ACCEPTED}"""
TO_ROLES = """INSERT INTO membership (user_id, organisation_id, programme_id, role, since)
    SELECT person_id, organisation_id, programme_id, role, CAST(invited_at AS DATE) FROM role_invitation WHERE answer IS NULL
    AND NOT EXISTS (SELECT 1 FROM membership WHERE membership.user_id = role_invitation.person_id
        AND membership.role = role_invitation.role AND membership.until IS NULL
        AND coalesce(membership.organisation_id, 0) = coalesce(role_invitation.organisation_id, 0)
        AND coalesce(membership.programme_id, 0) = coalesce(role_invitation.programme_id, 0))"""


def upgrade():
    op.create_table('role_invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('programme_id', sa.Integer(), nullable=True),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('invited_by_id', sa.Integer(), nullable=True),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('link_hash', sa.String(), nullable=False),
    sa.Column('asked_on', sa.Date(), nullable=True),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL)', name=op.f('ck_role_invitation_answered_at_some_time')),
    sa.CheckConstraint('(organisation_id IS NULL) <> (programme_id IS NULL)', name=op.f('ck_role_invitation_in_one')),
    sa.ForeignKeyConstraint(['invited_by_id'], ['user.id'], name=op.f('fk_role_invitation_invited_by_id_user')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_role_invitation_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_role_invitation_person_id_user')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_role_invitation_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_invitation'))
    )
    with op.batch_alter_table('role_invitation', schema=None) as batch_op:
        for place in ('organisation', 'programme'):
            batch_op.create_index(f'ix_role_invitation_{place}_open', ['person_id', f'{place}_id', 'role'], unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
            batch_op.create_index(f'ix_role_invitation_{place}_id', [f'{place}_id'], unique=False)
        batch_op.create_index('ix_role_invitation_link_hash', ['link_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_role_invitation_person_id'), ['person_id'], unique=False)

    op.create_table('standing_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('administrator_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('administrator_id <> person_id', name=op.f('ck_standing_in_for_another')),
    sa.ForeignKeyConstraint(['administrator_id'], ['user.id'], name=op.f('fk_standing_in_administrator_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_standing_in_person_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_in'))
    )
    with op.batch_alter_table('standing_in', schema=None) as batch_op:
        batch_op.create_index('ix_standing_in_administrator_id', ['administrator_id'], unique=False)
        batch_op.create_index('ix_standing_in_person_id', ['person_id'], unique=False)

    op.add_column('history_entry', sa.Column('stand_in_id', sa.Integer(), nullable=True))

    op.execute(TO_INVITATIONS)
    op.get_bind().execute(sa.text(f"UPDATE membership SET until = {SENT} WHERE {NEVER_ACCEPTED}"))
    for name, allowed in (('role_invitation', INVITATION_ALLOWED), ('standing_in', STANDING_IN_ALLOWED)):
        for statement in _triggers(name, allowed):
            op.get_bind().exec_driver_sql(statement)


def _triggers(name, allowed):
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Records in {name} are never changed or deleted'); END"
        yield f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} WHEN NOT coalesce({allowed}, FALSE) {refuse}"
        yield f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} {refuse}"
        yield f"CREATE TRIGGER {name}_unreplaced BEFORE INSERT ON {name} WHEN EXISTS (SELECT 1 FROM {name} WHERE id = NEW.id) {refuse}"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"  # which 0006 has made
        yield f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} FOR EACH ROW WHEN (NOT coalesce({allowed}, FALSE)) {refuse}"
        yield f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER {name}_untruncated BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}"


def downgrade():
    op.execute(TO_ROLES)
    op.drop_column('history_entry', 'stand_in_id')
    op.drop_table('standing_in')
    op.drop_table('role_invitation')
