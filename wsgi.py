"""What gunicorn and the flask command load: the application with the settings of the environment."""

import sys

import config
from mobility import create_app

try:
    settings = config.from_env()
except config.InvalidSettings as error:
    sys.exit(str(error))

app = create_app(settings)
