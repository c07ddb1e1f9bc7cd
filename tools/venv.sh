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
    echo "Installing the libraries of $lock (up to a minute the first time) ..."
    by_pip=(.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r)
    by_uv=(.venv/bin/python -m uv pip install --quiet --python .venv/bin/python --compile-bytecode --require-hashes -r)
    # uv takes a quarter of the time; pip does it where uv is not to be had, or only pip was told where packages are
    { "${by_pip[@]}" requirements-install.txt && "${by_uv[@]}" "$lock"; } 2>/dev/null || "${by_pip[@]}" "$lock"
    cp "$lock" "$installed"
fi
