"""What migrations are to find, and what they may not take away (migrations/env.py)."""

import click
from sqlalchemy import Connection, inspect, text

RECORDS = (  # what money, and who did what, rest on
    *("voucher", "claim", "evidence", "budget_line", "ledger_entry", "posting", "payment", "payment_batch", "bank_account"),
    *("bank_file", "rate_card", "history_entry", "audit_entry", "appropriation_correction"),
)
YES = "mobility.yes_delete"
Held = dict[str, dict[str, int]]  # table -> column -> in how many rows it says something

YES_DELETE = click.Option(  # of `db downgrade`
    ["--yes-delete"],
    is_flag=True,
    expose_value=False,
    callback=lambda context, _option, given: context.meta.update({YES: given}),
    help="Also where records of money or of what was done are lost.",
)


def repair(connection: Connection, revision: str | None) -> None:
    """0002 was changed three times on the day on which it was written, each time in the name of one index. A database made in
    between has another index than 0003 looks for, and could not be upgraded."""
    if revision != "0002":
        return
    there = {each["name"] for each in inspect(connection).get_indexes("voucher")}
    right = "ix_voucher_budget_line_id_state_id_amount"
    for other in {"ix_voucher_budget_line_id_state_id", "ix_voucher_budget_line_id_state_issued_at"} & there:
        connection.execute(text(f"DROP INDEX {other}"))
    if right not in there:
        connection.execute(text(f"CREATE INDEX {right} ON voucher (budget_line_id, state, id, amount)"))


def is_going_down() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and context.info_name == "downgrade"


def held(connection: Connection) -> Held:
    """How much the tables of records say, by column."""
    tables = set(inspect(connection).get_table_names())
    return {table: _said(connection, table) for table in RECORDS if table in tables}


def _said(connection: Connection, table: str) -> dict[str, int]:
    columns = [each["name"] for each in inspect(connection).get_columns(table)]
    counts = ", ".join(f"""count(nullif(CAST("{name}" AS VARCHAR), ''))""" for name in columns)
    row = connection.execute(text(f'SELECT {counts} FROM "{table}"')).one()  # noqa: S608 (names of our own)
    return dict(zip(columns, row, strict=True))


def refuse_losses(before: Held, connection: Connection) -> None:
    """Inside the transaction that has gone down: it is rolled back unless whoever asked for it has said --yes-delete."""
    after = held(connection)
    lost = [
        f"{table}.{column} in {rows} rows" if table in after else f"{table}, {rows} rows"
        for table, columns in before.items()
        for column, rows in (columns.items() if table in after else [("", max(columns.values()))])
        if rows and column not in after.get(table, {})
    ]
    if lost and not click.get_current_context().meta.get(YES):
        told = "\n".join(f"  {each}" for each in lost)
        raise click.ClickException(
            f"This would delete records of money or of what was done:\n{told}\nNothing was changed. Back up first "
            "(`flask --app wsgi backup FOLDER`); if they are to go, say so with --yes-delete."
        )
