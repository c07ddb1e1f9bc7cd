"""What gunicorn and the flask command load: the application with the settings of the environment."""

import gc
import sys

import config
from mobility import create_app

try:
    settings = config.from_env()
except config.InvalidSettings as error:
    sys.exit(str(error))

app = create_app(settings)
gc.freeze()  # what is there now stays: looking through it again and again took a tenth of the nightly job
gc.set_threshold(50_000, 10, 10)
