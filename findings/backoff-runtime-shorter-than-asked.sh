#!/usr/bin/env bash
# The wait that a server asked for is cut to a random part of it.
#
# backoff 2.2.1.
#
# Guess: backoff.runtime with value=60, which exists for Retry-After, waits 60 seconds, or somewhat more.
# Seen: each wait is random between 0 and 60 seconds, 30 on average.
# Why: the full jitter that suits exponential backoff is the default for every wait generator, this one included. It
#   takes jitter=None to wait as long as the server asked.
# Matters: the retries fall into the time in which the server refuses, are used up, and at some services lengthen the
#   block. It looks right in a log that happens to show a long wait.
. "$(dirname "$0")/common.sh"
python_with backoff==2.2.1

cat > look.py <<'END'
import random
import time

import backoff

random.seed(7)
waits = []
time.sleep = waits.append  # nothing here waits


class Throttled(Exception):
    retry_after = 60


def call():
    raise Throttled


for jitter in ({}, {"jitter": None}):
    waits.clear()
    try:
        backoff.on_exception(backoff.runtime, Throttled, value=lambda e: e.retry_after, max_tries=201, **jitter)(call)()
    except Throttled:
        pass
    print(len(waits), sum(wait < 60 for wait in waits), 25 < sum(waits) / len(waits) < 35, end="; ")
END
same "waits, of these too short, average near 30 (default; without jitter)" "200 200 True; 200 0 False; " "$(env/bin/python look.py)"
