"""Runs the migrations: everything in one transaction, one process at a time, and SQLite switched to WAL in the end."""

from logging.config import fileConfig
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import JSON, Connection, text

from mobility.core.database import UTCDateTime, db, switch_to_wal
from mobility.running import upgrades

MIGRATING = 7_263_417  # the number of a lock that nothing else of ours takes

if context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Migrations stand by themselves: our column types appear as what they are in the database."""
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind != "type" or not type(item).__module__.startswith("mobility."):
        return False
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return f"sa.{type(item.impl).__name__}()"


def skip_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Without a change there is no new migration."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def prepare(connection: Connection) -> None:
    """SQLite changes a table by copying it, which the foreign keys of others must not notice."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")


def wait_for_turn(connection: Connection) -> None:
    """Several hosts may be deployed at once: the second finds everything done."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATING})


def run() -> None:
    settings = {
        **current_app.extensions["migrate"].configure_args,
        "target_metadata": db.metadata,
        "render_item": render_item,
        "process_revision_directives": skip_empty,
    }
    with db.engine.connect() as connection:
        prepare(connection)
        context.configure(connection=connection, transactional_ddl=True, **settings)  # SQLite's, too
        with context.begin_transaction():
            wait_for_turn(connection)
            upgrades.repair(connection, context.get_context().get_current_revision())
            before = upgrades.held(connection) if upgrades.is_going_down() else {}
            context.run_migrations()
            if before:
                upgrades.refuse_losses(before, connection)
        connection.detach()  # its foreign keys are off
    switch_to_wal()


run()
