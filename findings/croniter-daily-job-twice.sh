#!/usr/bin/env bash
# A job at 01:30 is due twice on the night on which the clocks go back.
#
# croniter 7.0.0 and APScheduler 3.11.3, beside cronsim 2.8.
#
# Guess: "30 1 * * *" is due once a day, also on the night on which the clocks go back (2026-11-01 in New
#   York).
# Seen: croniter and APScheduler have it due twice that night, at 01:30-04:00 and at 01:30-05:00. cronsim,
#   which follows Debian's cron, once.
# Why: both look for the next moment whose wall clock says 01:30, and there are two. Debian's cron treats jobs
#   with a fixed hour as daily ones.
# Matters: a nightly full load, or a mail with last night's figures, comes twice in that night. A tap that
#   starts while the first run still writes meets its own state. Schedule outside 01:00-03:00, or in UTC.
. "$(dirname "$0")/common.sh"
python_with croniter==7.0.0 APScheduler==3.11.3 cronsim==2.8 tzdata

cat > look.py <<'END'
import datetime
import itertools
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

zone, utc = ZoneInfo("America/New_York"), datetime.UTC
noon = datetime.datetime(2026, 10, 31, 12, tzinfo=zone)


def apscheduler():
    trigger, due, now = CronTrigger.from_crontab("30 1 * * *", timezone=zone), None, noon.astimezone(utc)
    while True:
        due = trigger.get_next_fire_time(due, now.astimezone(zone))
        now = due.astimezone(utc) + datetime.timedelta(seconds=1)
        yield due


every = croniter("30 1 * * *", noon)
by_croniter = iter(lambda: every.get_next(datetime.datetime), None)
for times in (by_croniter, apscheduler(), CronSim("30 1 * * *", noon)):
    print(*(f"{time:%d %H:%M%z}" for time in itertools.islice(times, 3)), end="; ")
END
twice="01 01:30-0400 01 01:30-0500 02 01:30-0500"
same "croniter, APScheduler, cronsim" "$twice; $twice; 01 01:30-0400 02 01:30-0500 03 01:30-0500; " \
    "$(env/bin/python look.py)"
