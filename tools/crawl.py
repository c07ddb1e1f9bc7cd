"""Everybody of the demonstration wanders through the site, with forms and guessed addresses: nothing may fail.

    DATABASE_URL=sqlite:////tmp/crawl.db python tools/crawl.py --minutes 10 [--seed 1] [--share 0.33]

Everybody is everybody who has an account, not only those whom the sign-in page lists. Of one processor's time, `share` is taken
at most. The database is one of its own that holds the demonstration (`flask --app wsgi db upgrade`, `flask --app wsgi demo`):
it is changed. Ends with 1 if anything but a page, a redirect or a refusal was answered, or the log had a warning.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import select

import config
from mobility import create_app
from mobility.core.database import db
from mobility.people.models import User
from mobility.running import logs
from tests.support.crawling import Crawl


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    parser.add_argument("--share", type=float, default=1.0)
    given = parser.parse_args()
    settings = config.from_env({**os.environ, "DEMO": "1", "DATABASE_URL": os.environ["DATABASE_URL"]})
    logs.write(settings["LOG_FORMAT"], settings["LOG_LEVEL"])
    app = create_app(settings)
    with app.app_context():
        people = let_in_everybody()
        db.session.remove()
    crawl = Crawl(app, people, given.seed)
    crawl.run(given.minutes * 60, given.share)
    for fault in crawl.faults.values():
        print(fault, end="\n\n")
    print(f"seed {given.seed}, {len(people)} people. {crawl.told()}")
    return 1 if crawl.faults else 0


def let_in_everybody() -> list[int]:
    """The sign-in page of a demonstration lets in whom it lists."""
    people = list(db.session.scalars(select(User).where(User.active).order_by(User.id)))
    if not any(person.demo_note for person in people):
        sys.exit("The database holds no demonstration.")
    for person in people:
        person.demo_note = person.demo_note or "Wanders about."
    db.session.commit()
    return [person.id for person in people]


if __name__ == "__main__":
    sys.exit(main())
