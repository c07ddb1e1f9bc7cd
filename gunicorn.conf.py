"""The web server: `gunicorn wsgi:app` reads this file by itself.

Four processes for two cores, two threads each. Requests are mostly Python, of which a process runs one at a time, and a
connection stays with its process: with one process a core, half of the people at work often met in one of them while the
other had nothing to do. The second thread goes on while the first waits for the database or hashes a password.
WEB_CONCURRENCY and WEB_THREADS change the numbers; GUNICORN_CMD_ARGS any other setting.
"""

import logging
import os
import sys

import mobility  # noqa: F401 (read once, before the fork: its processes share the memory and start at once)
from config import InvalidSettings, from_env
from mobility.running import logs

try:
    settings = from_env()  # a wrong setting ends the start here, once, instead of in every worker
except InvalidSettings as error:
    sys.exit(str(error))

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
_memory = "/dev/shm"  # noqa: S108  (gunicorn makes a file of its own there)
worker_tmp_dir = _memory if os.path.isdir(_memory) else None  # the heartbeat file must not wait for a disk
control_socket_disable = True
accesslog = None
loglevel = os.environ.get("WEB_LOG_LEVEL", "warning")


def on_starting(server):
    """Its own lines look like ours; what the processes write goes to the same place."""
    for handler in logging.getLogger("gunicorn.error").handlers:
        handler.setFormatter(logs.formatter(settings["LOG_FORMAT"]))


def post_worker_init(worker):
    """Says where to click as soon as the first process can answer."""
    logs.write(settings["LOG_FORMAT"], settings["LOG_LEVEL"])
    if worker.age == 1 and os.environ.get("ANNOUNCE"):
        sys.stdout.write(f"\n    Mobility is ready: open {settings['BASE_URL']}   (Ctrl-C stops it)\n\n")
        sys.stdout.flush()
