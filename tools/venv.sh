#!/bin/bash
# tools/venv.sh REQUIREMENTS: .venv with exactly the packages of that lock file. Does nothing when they are there already.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
installed=.venv/installed-$(basename "$lock")  # a copy of what was installed last: compared by content, not by date

exec 9<"$0"
flock 9  # `make run` and `make test` at once in one clone take turns

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(tools/python.sh)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        tools/packages.sh python3-venv
    fi
    echo "Making the virtual environment .venv ..."
    "$python" -m venv --clear .venv
fi
if ! cmp -s "$lock" "$installed"; then
    echo "Installing the libraries of $lock (a minute the first time) ..."
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
    cp "$lock" "$installed"
fi
