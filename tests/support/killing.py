"""`kill -9` of the web, the scheduler or the database at a random moment, while owners move money: tools/kill.py.

What was acknowledged is there, once; of what was not there is all or nothing; the ledger and the audit log prove themselves; no
mail is lost, and none counts as sent that did not arrive. On SQLite the database is a file: whoever has it open dies at once.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from http.client import HTTPException
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from threading import Event, Thread

from flask import Flask
from sqlalchemy import func, select, update

import config
from mobility import create_app
from mobility.audit import checks as audit
from mobility.audit.models import AuditEntry
from mobility.budgets.checks import check_ledger
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Organisation
from mobility.programmes.models import LedgerEntry, LedgerEvent, Programme
from mobility.vouchers import operations as vouchers
from mobility.vouchers.models import Voucher
from mobility.workflows.history import HistoryEntry
from tests.support import factories
from tests.support.cases import DECLARATIONS, make_case
from tests.support.people_at_once import Browser
from tests.support.postgres import Cluster
from tests.support.processes import LiveServer, environment, start_flask, start_server, wait_for
from tests.support.smtp import SmtpServer, free_port

VICTIMS = ("web", "scheduler", "database")
VOUCHERS = 3  # new ones in each run
MOMENT = (0.2, 2.0)  # seconds after the load has begun
PAUSE = 0.05  # of an owner between two acts: the load is light


@dataclass
class Act:
    """What one request was to do, and whether it was answered that it is done."""

    kind: str  # appropriate, approve or revoke
    mark: str = ""
    voucher_id: int = 0
    acknowledged: bool = False

    def traces(self) -> tuple[int, ...]:
        """How often what it leaves is there: each number is 0 or 1, and all are the same."""
        return _of_money(self.mark) if self.kind == "appropriate" else _of_decision(self.voucher_id, self.kind)


def _count(model: type[object], *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def _of_money(mark: str) -> tuple[int, ...]:
    told = AuditEntry.after["note"].as_string() == mark
    return _count(LedgerEntry, LedgerEntry.note == mark), _count(AuditEntry, AuditEntry.act == "budget_appropriated", told)


def _of_decision(voucher_id: int, kind: str) -> tuple[int, ...]:
    """History, ledger, and the mail to the holder."""
    event, mail = {
        "approve": (LedgerEvent.COMMIT, "voucher_issued"),
        "revoke": (LedgerEvent.RELEASE, "voucher_revoked"),
    }[kind]
    about = (HistoryEntry.subject_type == "voucher", HistoryEntry.subject_id == voucher_id, HistoryEntry.action == kind)
    mails = (OutboxMessage.subject_id == voucher_id, OutboxMessage.kind == mail, OutboxMessage.recipient_id == Voucher.holder_id)
    return (
        _count(HistoryEntry, *about),
        _count(LedgerEntry, LedgerEntry.voucher_id == voucher_id, LedgerEntry.event == event.value),
        _count(OutboxMessage, Voucher.id == voucher_id, *mails),
    )


@dataclass
class Drill:
    """`run()` is one kill. `faults`: what was found wrong; `told()`: the figures."""

    url: str
    mail: SmtpServer
    chance: Random
    cluster: Cluster | None = None  # SQLite has none
    program: str = "wsgi:app"
    acts: list[Act] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    _letters: set[int] = field(default_factory=set)

    @contextmanager
    def ready(self) -> Iterator["Drill"]:
        """Everything runs, and two owners are signed in."""
        with ExitStack() as self._ends, NamedTemporaryFile("r", encoding="utf-8") as self._log:
            self._port = str(free_port())
            self._app = self._own_app()
            with self._app.app_context():
                self._build()
                try:
                    self._start_web()
                    self._start_scheduler()
                    self._enter()
                    yield self
                finally:
                    self._kill(self._web, self._scheduler)
                    self._forget_connections()

    def _own_app(self) -> Flask:
        return create_app(config.from_env(environment(self.url, BASE_URL="http://localhost", DEMO="1")) | {"TESTING": True})

    def _build(self) -> None:
        with transaction():
            case = make_case("light", Decimal(1_000_000))
            for owner in (case.owner, case.other_owner):
                owner.demo_note = "Owns the programme."
            self._programme_id, self._line_id, self._host_id = case.programme.id, case.line.id, case.exchange.host_id
            self._owners = (case.owner.id, case.other_owner.id)

    # What runs

    def _start_web(self) -> None:
        settings = {"DEMO": "1", "WEB_CONCURRENCY": "2", "WEB_THREADS": "2"}
        self._web = start_server(self.url, self._port, self.program, output=self._log.name, **settings)
        wait_for(self._web, self._port, self._written)

    def _start_scheduler(self) -> None:
        settings = {"MAIL_URL": self.mail.url, "BASE_URL": "http://localhost", "DEMO": "1"}
        self._scheduler = start_flask(self.url, "scheduler", output=self._log.name, **settings)

    def _enter(self) -> None:
        server = LiveServer(f"http://127.0.0.1:{self._port}", self.url, self._log)
        self._browsers = [Browser(server).be(owner) for owner in self._owners]

    def _written(self) -> str:
        return Path(self._log.name).read_text()

    @staticmethod
    def _kill(*processes: BaseProcess) -> None:
        """With all that they have begun; one that has only just begun leads no group yet."""
        for process in processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid or 0, signal.SIGKILL)
            process.kill()
        for process in processes:
            process.join()

    def _forget_connections(self) -> None:
        db.session.remove()
        db.engine.dispose()

    # One run

    def run(self, victim: str = "") -> None:
        """Of one of VICTIMS, by chance unless it is named."""
        victim = victim or self.chance.choice(VICTIMS)
        moment = self.chance.uniform(*MOMENT)
        new, chances = self._requests(), [Random(self.chance.random()) for _ in self._browsers]
        begun, over = len(self.acts), Event()
        halves = [new[: len(new) // 2], new[len(new) // 2 :]]
        load = [
            Thread(target=self._work, args=(*each, over), daemon=True)
            for each in zip(self._browsers, halves, chances, strict=True)
        ]
        self._forget_connections()
        for each in load:
            each.start()
        time.sleep(moment)
        self._strike(victim)
        over.set()
        for each in load:
            each.join(90)
        self.kills[victim] += 1
        self._look(f"Run {sum(self.kills.values())} ({victim} after {moment:.2f} s)", self.acts[begun:])

    def _requests(self) -> list[int]:
        """Vouchers that wait for a decision."""
        with transaction():
            made = []
            where = {
                "programme": db.session.get_one(Programme, self._programme_id),
                "host": db.session.get_one(Organisation, self._host_id),
            }
            for _ in range(VOUCHERS):
                exchange = factories.make_agreed_exchange(**where)
                made.append(factories.make_voucher(exchange))
                vouchers.request(made[-1], by=exchange.guest, declarations=list(DECLARATIONS))
            return [each.id for each in made]

    def _work(self, browser: Browser, waiting: list[int], chance: Random, over: Event) -> None:
        """An owner's: adds money, approves, takes back, one after the other."""
        issued: list[int] = []
        while not over.is_set():
            kind = chance.choice(["appropriate", *(["approve"] if waiting else []), *(["revoke"] if issued else [])])
            act = Act(kind, mark=f"Drill {chance.getrandbits(64):016x}")
            if kind != "appropriate":
                act.voucher_id = (waiting if kind == "approve" else issued).pop()
            with suppress(OSError, HTTPException, AssertionError):  # nobody answers, or says that it cannot now
                self._send(browser, act)
            if kind == "approve" and act.acknowledged:
                issued.append(act.voucher_id)
            over.wait(PAUSE)

    def _send(self, browser: Browser, act: Act) -> None:
        line = f"/programmes/{self._programme_id}/budget/{self._line_id}/appropriate"
        path = line if act.kind == "appropriate" else f"/vouchers/{act.voucher_id}/{act.kind}"
        typed = {
            "appropriate": {"amount": "1.00", "note": act.mark},
            "approve": {"note": act.mark},
            "revoke": {"reason": act.mark},
        }
        fields = browser.form(path) | typed[act.kind]
        self.acts.append(act)  # from here on it may have been done
        status, where, _ = browser.post(path, **fields)
        act.acknowledged = status in (302, 303) and "sign-in" not in where

    def _strike(self, victim: str) -> None:
        """Dead, and begun again."""
        if victim == "database" and self.cluster:
            self.cluster.kill()
            self._ends.enter_context(self.cluster.started_again())
            return
        dying: list[tuple[BaseProcess, Callable[[], None]]] = []
        if victim != "web":
            dying.append((self._scheduler, self._start_scheduler))
        if victim != "scheduler":
            dying.append((self._web, self._start_web))
        self._kill(*(process for process, _ in dying))
        for _, start in dying:
            start()

    # What is looked at

    def _look(self, where: str, acts: list[Act]) -> None:
        self._forget_connections()
        found = [*check_ledger(), *audit.check().wrong, *self._mails()]
        for act in acts:
            traces = act.traces()
            if set(traces) not in ({1}, *([] if act.acknowledged else [{0}])):
                found.append(f"{act} left {traces}.")
        db.session.rollback()
        self.faults += [f"{where}: {sentence}" for sentence in found]

    def _mails(self) -> Iterator[str]:
        rows = db.session.execute(select(OutboxMessage.id, OutboxMessage.state, OutboxMessage.message_id)).all()
        arrived = {each.message_id for each in self.mail.messages}
        for id in self._letters - {row.id for row in rows}:
            yield f"Mail {id} is gone."
        for id, state, message_id in rows:
            if state == "sent" and message_id not in arrived:
                yield f"Mail {id} counts as sent and never arrived."
        self._letters |= {row.id for row in rows}

    def finish(self, seconds: float = 90) -> None:
        """All mail goes out in the end; all acts are looked at once more."""
        with (
            transaction()
        ):  # leases of the dead end now, for the drill's sake; the clock of processes stands still (processes.py)
            long_ago = clock.utc_now() - timedelta(days=1)
            db.session.execute(update(OutboxMessage).where(OutboxMessage.state == "sending").values(leased_until=long_ago))
        until = time.monotonic() + seconds
        while self._waiting() and time.monotonic() < until:
            time.sleep(0.3)
        if self._waiting():
            mail = OutboxMessage
            rows = db.session.execute(
                select(mail.id, mail.kind, mail.state, mail.tries, mail.last_error).where(mail.state != "sent")
            )
            self.faults += [f"Mail {row.id} is still not sent: {tuple(row)[1:]}" for row in rows]
        self._look("At the end", self.acts)

    def _waiting(self) -> int:
        db.session.rollback()
        return _count(OutboxMessage, OutboxMessage.state != "sent")

    def told(self) -> str:
        done = Counter(act.kind for act in self.acts if act.acknowledged)
        unsure = [act for act in self.acts if not act.acknowledged]
        kept = sum(1 for act in unsure if set(act.traces()) == {1})
        copies = len(self.mail.messages) - len({each.message_id for each in self.mail.messages})
        counted = [", ".join(f"{count} {name}" for name, count in sorted(each.items())) for each in (self.kills, done)]
        return (
            f"{sum(self.kills.values())} kills: {counted[0]}. {done.total()} acts acknowledged: {counted[1]}; {len(unsure)} "
            f"got no answer, of which {kept} are there. {len(self._letters)} mails, {copies} of them twice. "
            f"{len(self.faults)} faults."
        )
