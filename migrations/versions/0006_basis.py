"""What each amount rested on is kept with its voucher (money.md), and the database refuses to change its records.

For vouchers from before it is worked out from what is stored: the distance from the words of their lines, the days from the
agreement that was in force when they were last asked for, all else from the organisations as they are now.
"""
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import asin, cos, radians, sin, sqrt
import re

import holidays
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

AT_ONCE = 1000  # rows
JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
KM = re.compile(r"([\d,]+) km(?: one way lies|$)")

VOUCHER = sa.table("voucher", sa.column("id", sa.Integer), sa.column("basis", JSON), sa.column("lines", JSON))
CLAIM = sa.table("claim", sa.column("id", sa.Integer), sa.column("lines", JSON))

# The days agreed when the voucher was last asked for: of the newest version that both had signed by then
VOUCHERS = sa.text("""
    SELECT v.id, v.kind, v.lines, v.green_travel, v.price, c.components, coalesce(p.country, o.country) AS country,
        h.country AS host_country, h.latitude AS host_latitude, h.longitude AS host_longitude, g.latitude, g.longitude,
        coalesce(a.first_day, e.first_day) AS first_day, coalesce(a.last_day, e.last_day) AS last_day,
        (SELECT count(*) FROM delegate d WHERE d.application_id = e.application_id) AS delegates
    FROM voucher v
    JOIN rate_card c ON c.id = v.rate_card_id
    JOIN organisation o ON o.id = v.holder_organisation_id
    LEFT JOIN organisation p ON p.id = v.provider_id
    LEFT JOIN exchange e ON e.id = v.exchange_id
    LEFT JOIN organisation h ON h.id = e.host_id
    LEFT JOIN organisation g ON g.id = e.guest_organisation_id
    LEFT JOIN agreement_version a ON a.exchange_id = e.id AND a.number = (
        SELECT max(n.number) FROM agreement_version n WHERE n.exchange_id = e.id AND 2 = (
            SELECT count(*) FROM signature s WHERE s.agreement_version_id = n.id AND s.signed_at <= (
                SELECT max(at) FROM history_entry WHERE subject_type = 'voucher' AND subject_id = v.id AND action IN ('request', 'resubmit'))))
    WHERE v.id > :after ORDER BY v.id LIMIT :most
""").columns(lines=JSON, components=JSON, first_day=sa.Date, last_day=sa.Date, price=sa.BigInteger, green_travel=sa.Boolean)
CLAIMS = sa.text("""
    SELECT m.id, m.lines, c.components FROM claim m JOIN voucher v ON v.id = m.voucher_id JOIN rate_card c ON c.id = v.rate_card_id
    WHERE m.id > :after ORDER BY m.id LIMIT :most
""").columns(lines=JSON, components=JSON)

# Tables that keep their rows: the few changes that can be, as a condition, and what is unique beside the id
KEPT = {
    "ledger_entry": ("FALSE", "key"), "posting": ("FALSE", ""), "history_entry": ("FALSE", ""), "rate_card": ("FALSE", ""),
    "bank_account": ("""NEW.id = OLD.id AND NEW.holder_name = OLD.holder_name AND NEW.iban = OLD.iban AND NEW.bic = OLD.bic
        AND coalesce(NEW.user_id, 0) = coalesce(OLD.user_id, 0)
        AND coalesce(NEW.organisation_id, 0) = coalesce(OLD.organisation_id, 0)""", ""),
    "payment": ("""NEW.id = OLD.id AND NEW.batch_id = OLD.batch_id AND NEW.voucher_id = OLD.voucher_id
        AND NEW.account_id = OLD.account_id AND NEW.amount = OLD.amount AND NEW.end_to_end_id = OLD.end_to_end_id
        AND (OLD.outcome IS NULL OR (OLD.outcome = 'paid' AND NEW.outcome IN ('bounced', 'returned'))
            OR (NEW.outcome = OLD.outcome AND NEW.reason = OLD.reason AND NEW.settled_on = OLD.settled_on))""", "end_to_end_id"),
}
FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Records in % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$"""


def upgrade():
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.add_column(sa.Column('basis', JSON, nullable=False, server_default='{}'))
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_sha256'), ['sha256'], unique=False)
    for table, query in ((VOUCHER, VOUCHERS), (CLAIM, CLAIMS)):
        for row in _rows(query):
            values = {"lines": [line | {"component": _component(line["label"], row.components)} for line in row.lines]}
            if table is VOUCHER:
                values["basis"] = _basis(row)
            op.get_bind().execute(sa.update(table).where(table.c.id == row.id).values(values))
    for name, (allowed, unique) in KEPT.items():
        for statement in _triggers(name, allowed, unique):
            op.get_bind().exec_driver_sql(statement)


def _triggers(name, allowed, unique):
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Records in {name} are never changed or deleted'); END"
        same = f"id = NEW.id{f' OR {unique} = NEW.{unique}' if unique else ''}"
        yield f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} WHEN NOT coalesce({allowed}, FALSE) {refuse}"
        yield f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} {refuse}"
        yield f"CREATE TRIGGER {name}_unreplaced BEFORE INSERT ON {name} WHEN EXISTS (SELECT 1 FROM {name} WHERE {same}) {refuse}"
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"
        yield FUNCTION.replace("%", "%%")
        yield f"CREATE TRIGGER {name}_unchanged BEFORE UPDATE ON {name} FOR EACH ROW WHEN (NOT coalesce({allowed}, FALSE)) {refuse}"
        yield f"CREATE TRIGGER {name}_undeleted BEFORE DELETE ON {name} FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER {name}_untruncated BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}"


def downgrade():
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in KEPT:
        for what in ("unchanged", "undeleted", "unreplaced" if sqlite else "untruncated"):
            op.execute(f"DROP TRIGGER {name}_{what}{'' if sqlite else f' ON {name}'}")
    if not sqlite:
        op.execute("DROP FUNCTION refuse_change()")
    for table in (VOUCHER, CLAIM):
        query = sa.text(f"SELECT id, lines FROM {table.name} WHERE id > :after ORDER BY id LIMIT :most").columns(lines=JSON)
        for row in _rows(query):
            lines = [{name: each for name, each in line.items() if name != "component"} for line in row.lines]
            op.get_bind().execute(sa.update(table).where(table.c.id == row.id).values(lines=lines))
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_sha256'))
    with op.batch_alter_table('voucher', schema=None) as batch_op:
        batch_op.drop_column('basis')


def _rows(query):
    after = 0
    while rows := op.get_bind().execute(query, {"after": after, "most": AT_ONCE}).all():
        yield from rows
        after = rows[-1].id


def _basis(row):
    stay = row.first_day is not None
    country = row.host_country if stay else row.country
    return {
        "host_country": country,
        "days": (row.last_day - row.first_day).days + 1 if stay else 0,
        "working_days": _working_days(row.first_day, row.last_day, country) if stay else 0,
        "distance_km": _distance(row) if stay else 0,
        "green": row.green_travel,
        "price": f"{Decimal(row.price) / 100:.2f}" if row.price is not None else None,
        "price_words": "agreed price",
        "persons": max(1, row.delegates) if stay else 1,
        "first_day": str(row.first_day) if stay else None,
        "last_day": str(row.last_day) if stay else None,
    }


def _distance(row):
    for line in row.lines:
        if found := KM.search(line["rule"]):
            return int(found[1].replace(",", ""))
    a, b = radians(row.latitude), radians(row.host_latitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(row.host_longitude - row.longitude) / 2) ** 2
    return int(Decimal(2 * 6371.0088 * asin(min(1.0, sqrt(half)))).quantize(Decimal(1), ROUND_HALF_UP))


def _component(label, components):
    """Which of a rate card's components gave a line."""
    known = {"Share of the price": "share_of_cost", "Cap of the share": "share_of_cost", "Cap": "cap"}
    known |= {"Limited to what was approved": "cap", "Limited to what was invoiced": "cap"}
    if label in known:
        return known[label]
    if label.startswith("Lump sum for "):
        return "lump_by_country"
    if label.startswith("Travel, "):
        return "distance_band"
    if label in ("Days of stay", "Further days of stay"):
        return "daily" if "daily" in components else "monthly"
    return "monthly" if label == "Months of stay" else "fixed"


def _working_days(first_day, last_day, country):
    days = (first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1))
    return sum(day.weekday() < 5 and day not in _holidays(country, day.year) for day in days)


@cache
def _holidays(country, year):
    if country not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    return frozenset(day for day in holidays.country_holidays(country, years=year) if isinstance(day, date))
