#!/bin/bash
# `make test`: two runs of pytest, both have to be green. The races and kills go last and alone: they want both cores.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
.venv/bin/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --ignore tests/resilience || failed=1
.venv/bin/python -m pytest --numprocesses 2 --dist loadfile tests/resilience || failed=1
exit $failed
