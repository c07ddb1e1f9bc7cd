"""Names that a reader takes for one are one: a key beside each; and what a form that was sent has said.

Those that were taken before, and differ by no more than capitals, stay: the later one's key gets its number.
"""
import unicodedata

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

UNIQUE = {
    "organisation": ("uq_organisation_name", ("name",), "uq_organisation_name_key", ("name_key",)),
    "programme": ("uq_programme_name", ("name",), "uq_programme_name_key", ("name_key",)),
    "call": ("uq_call_programme_id_name", ("programme_id", "name"), "uq_call_programme_id_name_key", ("programme_id", "name_key")),
}


def upgrade():
    with op.batch_alter_table('form_receipt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('content', sa.String(), nullable=False, server_default=''))
    for mark, typed in (("’", "'"), ("‘", "'"), ("–", "-")):  # as searches are read from now on
        op.execute(sa.text("UPDATE theme SET search_text = replace(search_text, :mark, :typed)").bindparams(mark=mark, typed=typed))
    for table, (former, _, name, columns) in UNIQUE.items():
        op.add_column(table, sa.Column('name_key', sa.String(), nullable=True))
        _write_keys(table, columns)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column('name_key', existing_type=sa.String(), nullable=False)
            batch_op.drop_constraint(batch_op.f(former), type_='unique')
            batch_op.create_unique_constraint(batch_op.f(name), list(columns))


def downgrade():
    for table, (former, columns, name, _) in UNIQUE.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(name), type_='unique')
            batch_op.create_unique_constraint(batch_op.f(former), list(columns))
            batch_op.drop_column('name_key')
    with op.batch_alter_table('form_receipt', schema=None) as batch_op:
        batch_op.drop_column('content')


def _write_keys(table, columns):
    bind = op.get_bind()
    rows = sa.table(table, *map(sa.column, ("id", "name", *columns)))
    taken = set()
    for row in bind.execute(sa.select(rows).order_by(rows.c.id)).mappings().all():
        within = [row[column] for column in columns if column != "name_key"]
        key = _key(row["name"])
        if (*within, key) in taken:
            key = f"{key} #{row['id']}"
        taken.add((*within, key))
        bind.execute(sa.update(rows).where(rows.c.id == row["id"]).values(name_key=key))


# As in core/names.py on this day

BLANK = {*"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"}
BLANK |= {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}
TYPED = str.maketrans(dict.fromkeys("‘’‚‛ʼʻʹ′´`＇", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-"))


def _key(name):
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", name.translate(TYPED)).casefold())
    return " ".join("".join(each for each in folded if each.isspace() or not _hidden(each)).split())


def _hidden(character):
    return character in BLANK or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
