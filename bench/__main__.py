"""`make bench`: measures, prints what is promised of each, and ends with 1 when something is not kept.

`python -m bench pages approvals night money reviews lists` measures some of it.
"""

import sys
from collections.abc import Callable

from bench import approvals, lists, money, nightly, pages, reviews
from bench.data import Database, databases
from bench.promises import Result, status

PARTS: dict[str, Callable[[Database, Database], list[Result]]] = {
    "pages": pages.measure,
    "approvals": lambda full, _small: approvals.measure(full),
    "night": lambda full, _small: nightly.measure(full),
    "money": lambda full, _small: money.measure(full),
    "reviews": lambda full, _small: reviews.measure(full),
    "lists": lambda full, _small: lists.measure(full),
}


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - set(PARTS)
    if unknown:
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    results = []
    with databases() as (full, small):
        size = full.size
        print(f"\n{size.themes:,} themes, {size.applications:,} applications, {size.vouchers:,} vouchers\n", flush=True)
        for name in chosen or PARTS:
            found = PARTS[name](full, small)
            print(*found, "", sep="\n", flush=True)
            results += found
    return status(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
