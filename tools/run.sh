#!/bin/bash
# `make run`: migrates, loads the demo into an empty database, then runs web and scheduler until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" PYTHONUNBUFFERED=1
export HOST=${HOST:-127.0.0.1} PORT=${PORT:-5000} DEMO=${DEMO:-1}

# honcho gives every process a PORT of its own: what depends on the real one is settled here, for all of them
export BIND BASE_URL
settled=$(python tools/address.py) || exit 1
{ read -r BIND; read -r BASE_URL; } <<<"$settled"

python -m flask --app wsgi db upgrade
if [ "$(python -c 'import config; print(config.from_env()["DEMO"])')" = True ]; then
    python -m flask --app wsgi demo --if-empty
fi

trap 'exit 0' INT  # Ctrl-C reaches honcho too: it stops both processes, and that is a good end
ANNOUNCE=1 python -m honcho -e /dev/null start || { code=$?; [ $code = 130 ] && exit 0; exit $code; }
