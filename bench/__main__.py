"""`make bench`: measures, prints tables, and ends with 1 when a promise of speed is not kept."""

import sys
from statistics import median

from bench import approvals, money, nightly, pages
from bench.data import Database, databases


def main() -> int:
    with databases() as (full, small):
        size = full.size
        print(f"\n{size.themes:,} themes, {size.applications:,} applications, {size.vouchers:,} vouchers\n", flush=True)
        kept = [
            _show_pages(pages.measure(full, small)),
            _show_approvals(approvals.measure(full)),
            _show_night(nightly.measure(full)),
            *_money(full),
        ]
    return 0 if all(kept) else 1


def _show_pages(measured: list[pages.Measured]) -> bool:
    print(f"At most {pages.TIMES} times the bare page with as many rows, and {pages.QUERIES} queries:\n")
    print(f"{'Page, signed in':26}{'rows':>5}{'ms':>8}{'bare ms':>9}{'times':>7}{'queries':>9}")
    for each in measured:
        page, bare = 1000 * median(each.seconds), 1000 * median(each.bare)
        figures = f"{each.rows:5}{page:8.2f}{bare:9.2f}{each.times:7.1f}{each.queries:9}"
        print(f"{each.case.name:26}{figures}  {_verdict(each.problems) if each.case.promised else 'not promised'}")
    return not any(each.problems for each in measured)


def _money(full: Database) -> list[bool]:
    path, in_postgresql = money.on_postgresql(full)
    case = pages.Case("Budget line, an owner", money.OWNER, path, 'href="/vouchers/')
    print(f"\nMoney, with {money.VOUCHERS:,} vouchers and {len(money.EVENTS) * money.VOUCHERS:,} entries more:")
    kept = [_show_pages(pages.measure_cases(full, [case])), _show_check(in_postgresql)]
    batch = money.on_sqlite()
    print(f"\n{batch.done:,} approvals in one batch on SQLite: {batch.seconds:.1f} s  {_verdict(batch.problems)}")
    return [*kept, not batch.problems, _show_check(batch.checked)]


def _show_check(found: money.Checked) -> bool:
    figures = f"{found.seconds:.1f} s with {found.mebibytes:.0f} MiB on {found.database}: {found.said}"
    print(f"check-ledger: {figures}  {_verdict(found.problems)}", flush=True)
    return not found.problems


def _show_approvals(found: approvals.Approvals) -> bool:
    print(f"\nAt least {approvals.A_SECOND} approvals a second, by {approvals.CLIENTS} clients:")
    print(f"  {found.a_second:.0f} a second ({found.done} in {found.seconds:.1f} s)  {_verdict(found.problems)}")
    print(f"  {found.ledger}", flush=True)
    return not found.problems


def _show_night(night: nightly.Night) -> bool:
    print(f"\nThe nightly job under {nightly.SECONDS} s and {nightly.MEBIBYTES} MB:")
    figures = f"{night.queued:,} reminders in {night.seconds:.1f} s with {night.mebibytes:.0f} MiB; {night.again} when run again"
    print(f"  {figures}  {_verdict(night.problems)}\n")
    return not night.problems


def _verdict(problems: list[str]) -> str:
    return "; ".join(problems) or "kept"


if __name__ == "__main__":
    sys.exit(main())
