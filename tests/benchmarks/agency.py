"""c2: the same week of an agency's account with 500 affiliates, 2,000 products and 300 campaigns.

Besides the changes of c, ten affiliates earn a commission every day, and ten products change. The earlier
build makes thousands of calls every night, so only its first night and its last, a sweep, are run.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.benchmarks import accounts, builds, week
from tests.benchmarks.figures import Table
from tests.benchmarks.week import CHANGED, CONTACTS, Goals, Race, Schedule

GOALS = Goals(week=0.3)


def run(table: Table, _: Path, contacts: int = CONTACTS, changed: int = CHANGED) -> None:
    """Measure a first load and a week.

    Args:
        table: Where the figures go.
        contacts: Number of contacts in the account.
        changed: Number of rows that change every day, besides the agency's own.
    """
    with week.open_account(contacts, accounts.agency) as account:
        race = Race(account, builds.compared(table))
        also = partial(accounts.agency_night, account.box)
        race.follow(Schedule(changed=changed, also=also, saves_time=True))
    week.add(table, "c2", f"an agency's {contacts:,} contacts", race.calls, GOALS)
