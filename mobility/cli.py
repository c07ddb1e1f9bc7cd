"""The command line: `flask --app wsgi ...`."""

import sys
import time
from datetime import datetime
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask_migrate import cli as migrations
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from mobility import demo as demo_data
from mobility import jobs
from mobility.accounts import operations as accounts
from mobility.audit import checks as audit_checks
from mobility.audit import operations as audit
from mobility.budgets import checks
from mobility.claims.checks import check_files
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.core.errors import Refusal
from mobility.documents.diagrams import as_markdown
from mobility.notifications import queries as notifications
from mobility.payments.checks import check_batches
from mobility.programmes import queries as programmes
from mobility.running import faults, logs, upgrades
from mobility.running.patience import BATCHES, PATIENCE
from mobility.scheduler import run as run_scheduler
from mobility.subjects import workflows
from mobility.upkeep import backups, moving
from mobility.upkeep import operations as upkeep

DAY = click.DateTime(["%Y-%m-%d"])
HALF_A_DEMONSTRATION = (
    "The database holds only part of the demonstration: an earlier version of Mobility stopped while loading it. "
    "Delete the database and start again, or set DEMO=0 to use it as it is."
)


@click.command("run-job")
@click.argument("name")
@click.option("--on", "day", type=DAY, metavar="YEAR-MONTH-DAY", help="Run as if it were this day.")
def run_job(name: str, day: datetime | None) -> None:
    """Run one job now; the scheduler runs them all by itself."""
    if name not in jobs.TIMETABLE:
        raise click.UsageError(f"There is no job {name!r}. The jobs are: {', '.join(job.name for job in jobs.TIMETABLE)}.")
    if day:
        with clock.at(programmes.instant_of(day.date())):
            report = jobs.run(name)  # as if it were that day: nothing that happened
    else:
        with logs.work():
            report = jobs.TIMETABLE.run_and_keep(name)
    click.echo(f"{name}: {report if str(report) else 'nothing to do'}")
    if report.failed:
        sys.exit(1)


@click.command("read-mail")
@click.argument("address")
def read_mail(address: str) -> None:
    """Print the newest mail to an address, links included: whoever can run this can read the database as well."""
    message = notifications.newest_to(address)
    if message is None:
        raise click.UsageError(f"No mail was written to {address}.")
    click.echo(f"{message.subject_line}\n\n{message.text}")


@click.command("scheduler")
def scheduler() -> None:
    """Run the jobs by themselves until stopped. Any number of schedulers may run at once."""
    logs.write(current_app.config["LOG_FORMAT"], current_app.config["LOG_LEVEL"])
    run_scheduler(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("check-ledger")
@click.option("--without-files", is_flag=True, help="Do not read the files of evidence: quicker, where there are many.")
def check_ledger(without_files: bool) -> None:
    """Say what is wrong with the ledger or the files of evidence, and end with 1 if anything is."""
    wrong = 0
    for sentence in chain(checks.check_ledger(), check_batches(), () if without_files else check_files()):
        wrong += 1
        click.echo(sentence)
    if wrong:
        sys.exit(1)
    click.echo("The ledger is in order.")


@click.command("check-audit")
@click.option(
    "--heads", "url", default="", metavar="URL", help="Where the heads are kept, if not at AUDIT_HEADS: a copy elsewhere."
)
def check_audit(url: str) -> None:
    """Prove that no entry of the audit log was changed or deleted, and that its heads fit; end with 1 otherwise."""
    found = audit_checks.check(url)
    for sentence in (*found.wrong, *found.explained):
        click.echo(sentence)
    newest = max((each.day for each in found.heads), default="")
    heads = (
        f"{len(found.heads)} {'head' if len(found.heads) == 1 else 'heads'}, the newest of {newest}" if newest else "no head yet"
    )
    entries = f"{found.entries} {'entry' if found.entries == 1 else 'entries'}"
    if found.wrong:
        raise click.ClickException(f"The audit log is not in order ({entries}, {heads}).")
    click.echo(f"The audit log is in order: {entries}, {heads}.")


@click.command("explain-restore")
@click.argument("because")
def explain_restore(because: str) -> None:
    """Say in the audit log why an older database is in place, so that check-audit knows of the heads that do not fit any more."""
    with transaction():
        days = audit.explain_restore(because)
    click.echo(f"Explained: {', '.join(days)}." if days else "Every head fits: there is nothing to explain.")


@click.command("create-administrator")
@click.argument("email")
@click.argument("name")
def create_administrator(email: str, name: str) -> None:
    """Make an account that runs this installation, and print the link under which its password is set."""
    try:
        with transaction():
            link = accounts.create_administrator(email=email, name=name)
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(link)


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing where somebody has an account already.")
def demo(if_empty: bool) -> None:
    """Load the demonstration into an empty database: all of it, or nothing if anything fails."""
    if demo_data.load_if_empty():
        return
    if demo_data.is_half():
        raise click.ClickException(HALF_A_DEMONSTRATION)
    if not if_empty:
        raise click.ClickException("The database is not empty. The demonstration can only be loaded into an empty one.")


@click.command("workflow-docs")
def workflow_docs() -> None:
    """Print docs/workflows.md as the workflows' tables have it."""
    click.echo(as_markdown(workflows().values()), nl=False)


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--without-proof", is_flag=True, help="Do not restore it into a scratch database.")
@click.option("--keep", type=click.IntRange(min=1), help="Delete older databases in the folder, but for so many.")
def backup(folder: Path, without_proof: bool, keep: int | None) -> None:
    """Back up database and files while everything runs, and prove it by restoring; the folder may hold earlier backups."""
    begun, database = time.perf_counter(), db.engine.url
    try:
        made = backups.make(folder.absolute(), database)
        with transaction():
            size = made.database.stat().st_size
            noted = upkeep.keep_backup(str(made.place), time.perf_counter() - begun, size, made.files).id
        click.echo(f"Backed up to {made.place}: database {size / 1e6:.1f} MB, {made.files} files, {made.new} of them new.")
        if not without_proof:
            _prove(made, noted)
        if keep:
            backups.forget_older(made.place.parent, keep)
    except backups.CannotBackUp as error:
        raise click.ClickException(str(error)) from None


def _prove(made: backups.Made, noted: int) -> None:
    if wrong := backups.prove(made, db.engine.url):
        raise click.ClickException(f"The backup was made, but is not right:\n{wrong}")
    with transaction():
        upkeep.note_proof(noted)
    click.echo("Proved: restored into a scratch database, where the ledger and all files are in order.")


@click.command("move-to")
@click.argument("url", metavar="postgresql://USER:PASSWORD@HOST/NAME")
def move_to(url: str) -> None:
    """Copy this SQLite database into an empty one of PostgreSQL, and prove the copy. Stop the web and the scheduler first."""
    scheme, _, rest = url.partition("://")
    try:
        address = make_url(f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url)
        moved = moving.move(address)
    except ArgumentError:
        raise click.UsageError("The target must be like postgresql://user:password@host/name.") from None
    except moving.CannotMove as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"Moved: {moved.rows} rows of {moved.tables} tables, each compared; the ledger and the audit log are in order there."
    )
    click.echo("Nothing was changed here. Set DATABASE_URL to the new address, and start again.")


COMMANDS: tuple[Any, ...] = (
    run_job,
    read_mail,
    scheduler,
    check_ledger,
    backup,
    move_to,
    check_audit,
    explain_restore,
    create_administrator,
    demo,
    workflow_docs,
)


def plainly(command: click.Command, patience: float | None) -> click.Command:
    """What is known to be wrong around us is said in a line, not in a traceback. No page waits for it: it may take longer."""
    callback = command.callback

    def said(*args: Any, **options: Any) -> Any:
        PATIENCE.seconds = patience
        try:
            return callback(*args, **options)  # type: ignore[misc]
        except Exception as error:
            cause = faults.cause_of(error)
            if cause is None:
                raise
            raise click.ClickException(f"{cause.advice} [{faults.words_of(error)}]") from None

    command.callback = wraps(callback)(said) if callback else None
    return command


for each in COMMANDS:
    plainly(each, BATCHES)
for each in migrations.db.commands.values():
    plainly(each, None)
migrations.downgrade.params.append(upgrades.YES_DELETE)


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
