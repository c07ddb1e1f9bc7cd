"""Objectives and both benefits of an agreement are numbered lines, each with a key that it keeps; the guest's manager is named."""
import json
import re

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
PREFIXES = {'objectives': 'o', 'guest_benefit': 'g', 'host_benefit': 'h'}
MOST_LINES = 5
_MARK = re.compile(r"^\s*(?:[-–—*•·]|(\d{1,2})[.)])\s+")


def upgrade():
    _rewrite(_lines)
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        for name in PREFIXES:
            batch_op.alter_column(name, type_=JSON, existing_type=sa.String(), existing_nullable=False, postgresql_using=f'{name}::jsonb')
        batch_op.add_column(sa.Column('manager_name', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('manager_email', sa.String(), server_default='', nullable=False))


def downgrade():
    with op.batch_alter_table('agreement_version', schema=None) as batch_op:
        batch_op.drop_column('manager_email')
        batch_op.drop_column('manager_name')
        for name in PREFIXES:
            batch_op.alter_column(name, type_=sa.String(), existing_type=JSON, existing_nullable=False, postgresql_using=f'{name}::text')
    _rewrite(_text)


def _rewrite(anew):
    """Each text of each version, a thousand at a time: the columns are text while that is done."""
    connection = op.get_bind()
    texts = ', '.join(PREFIXES)
    some = sa.text(f'SELECT id, {texts} FROM agreement_version WHERE id > :last ORDER BY id LIMIT 1000')
    change = sa.text(f"UPDATE agreement_version SET {', '.join(f'{name} = :{name}' for name in PREFIXES)} WHERE id = :id")
    last = 0
    while rows := connection.execute(some, {'last': last}).all():
        connection.execute(change, [{'id': row.id} | {name: anew(getattr(row, name), name) for name in PREFIXES} for row in rows])
        last = rows[-1].id


def _text(stored, name):
    return '\n\n'.join(line['text'] for line in json.loads(stored))


def _lines(text, name):
    """By its lines, without those that are blank and without the marks of a list; beyond the fifth they stay with the fifth."""
    found = [line.strip() for line in text.splitlines() if _MARK.sub('', line).strip()]
    bare = _without_marks(found)
    last = '\n'.join([*bare[MOST_LINES - 1:MOST_LINES], *found[MOST_LINES:]])
    lines = [*bare[:MOST_LINES - 1], *[last] * bool(last)]
    return json.dumps([{'key': f'{PREFIXES[name]}{number}', 'text': line} for number, line in enumerate(lines, 1)], ensure_ascii=False)


def _without_marks(lines):
    marks = [match[1] or '' for match in map(_MARK.match, lines) if match]
    counted = [str(number) for number in range(1, len(lines) + 1)]
    if len(marks) == len(lines) and (not any(marks) or len(marks) > 1 and marks == counted):
        return [_MARK.sub('', line) for line in lines]
    return lines
