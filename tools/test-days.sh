#!/bin/bash
# tools/test-days.sh [DAY ...]: the tests without a browser, and a demonstration from the beginning, as if it were these days.
# A day is 2027-05-01 or 2027-12-31T23:58, in UTC. Goes through all of them, and fails when anything failed on any.
set -uo pipefail
cd "$(dirname "$0")/.."
(($#)) || set -- \
    2027-05-01 `# a Saturday, and a holiday` \
    2026-12-24T23:58 2026-12-31T23:58 `# midnight comes while they run` \
    2027-02-28 2028-02-29 \
    2027-03-28T01:30 2027-10-31T01:30 `# summer time has begun half an hour ago, and has ended` \
    2026-11-29 `# a Sunday: a stay from the next day meets a holiday in Portugal`

# An offset, as with a fixed instant each new process would begin there again. Waiting goes by the real monotonic time, but
# for time.sleep: see tools/faketime.
on() {
    local offset=$(($(date -u -d "$1" +%s) - $(date +%s)))
    FAKETIME_CACHE_DURATION=1000000 FAKETIME_DONT_FAKE_MONOTONIC=1 PYTHONPATH="$PWD/tools/faketime" \
        faketime -f "$(printf %+d "$offset")s" .venv/bin/python "${@:2}"
}
demonstrate() {
    local folder status
    folder=$(mktemp -d)
    export DEMO=1 DATABASE_URL="sqlite:///$folder/demo.db" FILES_URL="file://$folder/files"
    on "$1" -m flask --app wsgi db upgrade 2>"$folder/log" &&
        on "$1" -m flask --app wsgi demo && on "$1" -m flask --app wsgi check-ledger
    status=$?
    ((status)) && cat "$folder/log"
    rm -rf "$folder"
    return $status
}

failed=()
for day in "$@"; do
    echo "== $day"
    today=$(on "$day" -c 'import datetime; print(datetime.datetime.now(datetime.UTC).date())')
    [ "$today" = "${day:0:10}" ] || { echo "libfaketime does not set the clock: it says $today"; exit 1; }
    (demonstrate "$day") || failed+=("$day: the demonstration")
    on "$day" -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --ignore tests/browser || failed+=("$day: the tests")
done
((${#failed[@]})) || exit 0
printf 'Failed on %s\n' "${failed[@]}"
exit 1
