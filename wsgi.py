"""What gunicorn and the flask command load: the application with the settings of the environment."""

import gc
import sys

import config
from mobility import create_app
from mobility.running import logs, sentry
from mobility.upkeep import version

try:
    settings = config.from_env()
except config.InvalidSettings as error:
    sys.exit(str(error))

logs.write(settings["LOG_FORMAT"], "warning")  # servers say more (gunicorn.conf.py, the scheduler)
if settings["SENTRY_DSN"]:
    sentry.begin(settings["SENTRY_DSN"], f"mobility@{version.commit() or version.released()}")
app = create_app(settings)
gc.freeze()  # what is there now stays: looking through it again and again took a tenth of the nightly job
gc.set_threshold(50_000, 10, 10)
