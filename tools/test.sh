#!/bin/bash
# `make test`: two runs of pytest, both have to be green. The races and kills go last and alone: they want both cores.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
.venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --ignore tests/resilience || failed=1
.venv/bin/python -m pytest tests/resilience || failed=1
exit $failed
