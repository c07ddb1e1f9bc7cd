"""Everybody of the demonstration wanders through the site, with forms and guessed addresses: nothing may fail.

    DATABASE_URL=sqlite:////tmp/crawl.db python tools/crawl.py --minutes 10 [--seed 1]

The database is one of its own that holds the demonstration (`flask --app wsgi db upgrade`, `flask --app wsgi demo`): it is
changed. Ends with 1 if anything but a page, a redirect or a refusal was answered, or the log said anything above WARNING.
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
from tests.support.crawling import Crawl


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    given = parser.parse_args()
    app = create_app(config.from_env({**os.environ, "DEMO": "1", "DATABASE_URL": os.environ["DATABASE_URL"]}))
    with app.app_context():
        people = list(db.session.scalars(select(User.id).where(User.demo_note != "", User.active).order_by(User.id)))
        db.session.remove()
    if not people:
        sys.exit("The database holds no demonstration.")
    crawl = Crawl(app, people, given.seed)
    crawl.run(given.minutes * 60)
    for fault in crawl.faults.values():
        print(fault, end="\n\n")
    print(f"seed {given.seed}, {len(people)} people. {crawl.told()}")
    return 1 if crawl.faults else 0


if __name__ == "__main__":
    sys.exit(main())
