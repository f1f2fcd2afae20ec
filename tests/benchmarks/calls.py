"""c: the calls of a night in which 500 of 100,000 contacts changed, relative to the fewest possible.

A first load of so large an account takes too long here. So the state begins with that of a small account, made at the
same time; a first night over the large one brings it up to date, and the second is measured.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from demo.keap import Keap
from tests.benchmarks import least
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.runs import measure
from tests.benchmarks.tap import KEY, SANDBOX, Tap

CONTACTS, SMALL = 100_000, 2_000
CHANGES = 500
SWITCHES = {"limits": "off", "quota_headers": "blank"}
_BEGAN = re.compile(r"^(\S+ \S+) .*Beginning sync of '(\w+)'", re.MULTILINE)
_READ = re.compile(r"\| (\w+): (\d+) rows, (\w+)", re.MULTILINE)


def run(table: Table, folder: Path, contacts: int = CONTACTS, changes: int = CHANGES) -> None:
    """Measure the night."""
    with Keap(SANDBOX, folder / "large.log", KEY, contacts, SWITCHES) as keap:
        small = folder / "small"
        small.mkdir()
        with Keap(SANDBOX, folder / "small.log", KEY, min(SMALL, contacts), SWITCHES) as other:
            tap = Tap(small, other.url)
            tap.discover()
            state = tap.run_to_state()
        tap = Tap(folder, keap.url)
        tap.discover()
        state = tap.run_to_state("--state", state)
        _change(keap, changes)
        before = len(_calls(keap))
        usage = measure(tap.command("--state", state), tap.log)
        calls = _calls(keap)[before:]
        known = least.streams()
        counts = _counts(keap, known)
    _check(tap.log.read_text(), changes)
    found = attributed(calls, tap.log.read_text())
    shared = least.shares(known)
    unwanted = ("reports",)  # saved_searches is empty
    fewest = least.least(known, counts.__getitem__, {"contacts": changes}, unwanted)
    brought = {
        name: int(rows) for name, rows, kind in _READ.findall(tap.log.read_text()) if kind == "increment"
    }
    again = least.least(known, counts.__getitem__, brought | {"contacts": changes}, unwanted)
    made: Counter[str] = Counter()
    for name, number in found.items():
        made[shared.get(name, name)] += number
    more = {name: number for name, number in made.items() if number > fewest.get(name, 0)}
    listed = ", ".join(f"{name} {number} for {fewest.get(name, 0)}" for name, number in sorted(more.items()))
    note = f"{len(calls)} calls for {sum(fewest.values())}, {usage.records:,} records; more than the fewest: {listed or 'none'}"
    what = f"calls of a night, {changes} of {contacts:,} contacts changed / fewest"
    table.add("c", what, "ratio", len(calls) / sum(fewest.values()), most=1.0, note=note)
    note = f"{sum(again.values())} with the pages that the rows looked back at fill"
    table.add(
        "c",
        "the same / fewest with the days that are looked back",
        "ratio",
        len(calls) / sum(again.values()),
        note=note,
    )


def _change(keap: Keap, changes: int) -> None:
    """Give so many contacts another name."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {KEY}"
    ids: list[str] = []
    after = 0
    while len(ids) < changes:
        query = {"page_size": "1000", "fields": "id", "filter": f"contact_id>{after}", "order_by": "id asc"}
        rows = session.get(f"{keap.url}/crm/rest/v2/contacts", params=query, timeout=60).json()["contacts"]
        if not rows:
            raise NotMeasuredError(f"the account has fewer than {changes} contacts")
        ids += [row["id"] for row in rows]
        after = int(ids[-1])
    session.close()
    for one in ids[:changes]:
        keap.edit("contacts", one, given_name="Changed")


def _calls(keap: Keap) -> list[dict[str, Any]]:
    answer = requests.get(f"{keap.url}/sandbox/requests", timeout=120)
    calls: list[dict[str, Any]] = answer.json()["requests"]
    return calls


def _counts(keap: Keap, known: Mapping[str, least.Stream]) -> dict[str, int]:
    """How many rows the account has of everything that is read whole, or that others are read for."""
    counted = requests.get(f"{keap.url}/sandbox/records", timeout=60).json()["collections"]
    counts = {name: number for name, number in counted.items() if number is not None}
    for name, one in known.items():
        if name not in counts and one.size and not one.changes and one.of == "rows":
            answer = requests.get(f"{keap.url}/sandbox/records/{name}?ids_only=1", timeout=60)
            if not answer.ok:
                raise NotMeasuredError(f"the sandbox does not say how many {name} there are")
            counts[name] = answer.json()["count"]
    return counts


def _check(log: str, changes: int) -> None:
    """See to it that the night brought what had changed, and no sweep.

    Raises:
        NotMeasuredError: It did not.
    """
    brought = {name: (int(rows), kind) for name, rows, kind in _READ.findall(log)}
    rows, kind = brought.get("contacts", (0, "nothing"))
    if rows < changes or kind != "increment":
        raise NotMeasuredError(f"the night brought {rows} contacts as {kind}, and {changes} had changed")


def attributed(calls: list[dict[str, Any]], log: str) -> Counter[str]:
    """How many calls each stream made: those that came between its beginning and the next one's, by the tap's log.

    Raises:
        NotMeasuredError: The log does not tell when streams begin.
    """
    began = [(_moment(text), name) for text, name in _BEGAN.findall(log)]
    if not began:
        raise NotMeasuredError("the tap's log does not tell when streams begin")
    found: Counter[str] = Counter()
    for call in calls:
        at = datetime.fromisoformat(call["time"]).timestamp()
        names = [name for moment, name in began if moment <= at + 0.0005]
        found[names[-1] if names else "before the streams"] += 1
    return found


def _moment(text: str) -> float:
    """The time of a line of the log, which is local; milliseconds are what both sides have."""
    local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S,%f").astimezone(UTC)
    return math.floor(local.timestamp() * 1000) / 1000
