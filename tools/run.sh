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

# A session of its own, so that Ctrl-C, a closed terminal and `kill` all end both processes in the same way: through us
ANNOUNCE=1 setsid python -m honcho -e /dev/null start &
honcho=$!
trap 'kill -TERM $honcho 2>/dev/null' INT TERM HUP
set +e
while kill -0 $honcho 2>/dev/null; do
    wait $honcho
    code=$?
done
[ "$code" = 143 ] && exit 0 # ended as asked
exit "$code"
