"""`make bench`: measures, prints a table, and ends with 1 when a promise of speed is not kept."""

import sys
from statistics import median

from bench import approvals, nightly, pages
from bench.data import databases


def main() -> int:
    with databases() as (full, small):
        print(f"\n{full.size.themes:,} themes, {full.size.applications:,} applications, {full.size.vouchers:,} vouchers\n")
        kept = [
            _show_pages(pages.measure(full, small)),
            _show_approvals(approvals.measure(full)),
            _show_night(nightly.measure(full)),
        ]
    return 0 if all(kept) else 1


def _show_pages(measured: list[pages.Measured]) -> bool:
    print(f"{'Page, signed in':26}{'rows':>5}{'ms':>8}{'bare ms':>9}{'times':>7}{'queries':>9}  at most {pages.TIMES} times, {pages.QUERIES} queries")
    for each in measured:
        milliseconds, bare = 1000 * median(each.seconds), 1000 * median(each.bare)
        print(
            f"{each.case.name:26}{each.rows:5}{milliseconds:8.2f}{bare:9.2f}{each.times:7.1f}{each.queries:9}  {_verdict(each.problems)}"
        )
    return not any(each.problems for each in measured)


def _show_approvals(found: approvals.Approvals) -> bool:
    print(f"\nApprovals by four clients: {found.a_second:.0f} a second ({found.done} in {found.seconds:.1f} s); {found.ledger}")
    print(f"  at least {approvals.A_SECOND} a second: {_verdict(found.problems)}")
    return not found.problems


def _show_night(night: nightly.Night) -> bool:
    print(f"\nNightly job: {night.queued:,} reminders in {night.seconds:.1f} s with {night.mebibytes:.0f} MiB; run again: {night.again} more")
    print(f"  under {nightly.SECONDS} s and {nightly.MEBIBYTES} MB: {_verdict(night.problems)}\n")
    return not night.problems


def _verdict(problems: list[str]) -> str:
    return "; ".join(problems) or "kept"


if __name__ == "__main__":
    sys.exit(main())
