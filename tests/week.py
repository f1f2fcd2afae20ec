"""Nights of a tap over an account that changes, and what its copy may lack after each of them.

Whole rows are compared, of every stream, by what its declaration says. Every value in the copy must have been
true lately, every row that has been there for long must be in the copy, and no row that is there may be
marked as deleted.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from unittest import mock

from msgspec.structs import replace

from keap_sandbox import Sandbox
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Attempt, KeapClient, Reply
from tap_infusionsoft.stream import KeapStream
from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.edits import Editor
from tests.fixtures import Run
from tests.histories import History, Key
from tests.target import Record
from tests.truth import plain, rows_of

DAY = timedelta(days=1)
INTERVAL = timedelta(days=7)
"""What sweep_interval_days is by default."""
SLACK = timedelta(hours=2)
"""How much older something may get before a sweep is due: nobody wants one a night early for some minutes."""
LATE = timedelta(hours=1)
"""How much more than a day may lie between two nights that nothing kept from coming to their end."""
PAGE = 5
"""Rows of a page, so that a small account has lists of several pages."""
MOST_TOLD = 20
"""Mistakes to tell of a night."""
SEARCH, SEARCH_ID = "saved_search_all_contacts", "3"


def _is_called_a(contact: Record) -> bool:
    return str(contact["given_name"] or "").lower().startswith("a")


QUERIES: dict[str, dict[str, Any]] = {
    "query_of_names": {"stream": "contacts", "filter": "given_name==A*"},
    "query_with_bookmark": {"stream": "contacts", "filter": "given_name==A*", "bookmark": True},
}
"""A user's queries, by name. All of them ask for contacts whose name begins with A."""
SETTINGS: dict[str, Any] = {
    "saved_searches": [SEARCH_ID],
    "queries": [{"name": name, **query} for name, query in QUERIES.items()],
    "sweep_max_drop": 1,
}
STREAMS = (*COLLECTIONS, SEARCH, *QUERIES)


def small_pages(collection: Collection) -> Collection:
    """Return the same declaration with pages of a few rows.

    Args:
        collection: The declaration.
    """
    endpoint = collection.endpoint
    size = min(endpoint.page_size, PAGE)
    fallback = collection.fallback and small_pages(collection.fallback)
    return replace(collection, endpoint=replace(endpoint, page_size=size), fallback=fallback)


def lineage(stream: str) -> list[str]:
    """Return a stream, what it is read for, what that is read for, and so on.

    Args:
        stream: Name of the stream.
    """
    found = [stream]
    while (one := COLLECTIONS.get(found[-1])) is not None and one.source is not None:
        found.append(one.source.stream)
    return found


def truth(box: Sandbox, stream: str) -> list[Record]:
    """Return the rows that a complete copy of a stream has now.

    Args:
        box: The account.
        stream: Name of the stream.
    """
    if stream == SEARCH:
        return [plain(row) for row in box.records("report_rows", report_id=SEARCH_ID)]
    if stream in QUERIES:
        return [*filter(_is_called_a, rows_of(box, "contacts"))]
    if stream == "contacts_by_tag":
        return [row for row in rows_of(box, "contacts") if row["tag_ids"]]
    rows = rows_of(box, stream)
    if stream == "report_fields":  # of the searches that the settings name
        return [row for row in rows if row["report_id"] == SEARCH_ID]
    parents = COLLECTIONS[stream].parents
    if parents is None:
        return rows
    # The sandbox still has what no list shows anymore, as its parent is gone.
    own, above = parents.ordered_by_own, truth(box, parents.stream)
    leading = {str(row[parents.ordered_by]) for row in above if parents.leads_on(row)}
    return [row for row in rows if own not in row or str(row[own]) in leading]


@contextlib.contextmanager
def before_answers(function: Callable[[], None]) -> Iterator[None]:
    """Call a function whenever a tap is about to take an answer.

    Args:
        function: What to call.
    """
    fetch = KeapClient.fetch

    def fetch_after_function(client: KeapClient, call: Call, first: Attempt | None = None) -> Reply:
        function()
        return fetch(client, call, first)

    with mock.patch.object(KeapClient, "fetch", fetch_after_function):
        yield


class Week:
    """Nights in which some streams are copied. Each is compared with the truth; what is wrong is raised.

    Attributes:
        run: Runs the tap.
        catalog: The catalog with the streams.
        began: When runs began that came to their end without a limit to their calls.
        ended: When they ended.
    """

    def __init__(self, run: Run, streams: Sequence[str], rng: random.Random) -> None:
        """An account that has not been copied yet.

        Args:
            run: Runs the tap.
            streams: The streams to copy.
            rng: Decides what happens.
        """
        self.run = run
        tap = run.tap({}, **SETTINGS)
        found = {name: tap.streams[name] for name in streams}
        self.declared = {name: one.collection for name, one in found.items() if isinstance(one, KeapStream)}
        self.catalog = run.catalog(*streams, others=True, **SETTINGS)
        chosen = [one for one in self.catalog["streams"] if one["tap_stream_id"] in self.declared]
        self.catalog["streams"] = chosen
        above = {name for one in streams for name in lineage(one)} - {*streams}
        self._histories = {name: History(COLLECTIONS[name]) for name in sorted(above)}
        self._histories |= {name: History(one) for name, one in self.declared.items()}
        paths = {one.endpoint.path for one in self.declared.values()}
        beside = {name for name, one in COLLECTIONS.items() if one.endpoint.path in paths}
        tables = {name for one in {*streams, *beside} for name in lineage(one)}
        self._editor = Editor(run.box, rng, tuple(sorted(tables)))
        self._rng = rng
        self.began: list[datetime] = []
        self.ended: list[datetime] = []
        self._broke_off: datetime | None = None  # when the first of the runs began that did not end since
        self._held: dict[str, dict[Key, Record]] = {}  # what the copy had after the last run
        self._held_at = self.now
        self._observe()

    @property
    def now(self) -> datetime:
        """The time."""
        return self.run.clock.now()

    def change(self, times: int) -> None:
        """Make a number of edits to the account, within a minute."""
        self.run.clock.pass_time(60)
        self._editor.edit(times)
        self._observe()

    def pass_time(self, time: timedelta) -> None:
        """Let time pass."""
        self.wait_until(self.now + time)

    def wait_until(self, moment: datetime) -> None:
        """Let time pass up to a moment; no time if it is over, as the runs before took longer."""
        self.run.clock.pass_time(max((moment - self.now).total_seconds(), 0))
        self._observe()  # some rows follow the days

    def night(self, mode: str, *, changes: bool = False, calls: int | None = None) -> None:
        """Run the tap to its end.

        Args:
            mode: Value of the setting refresh.
            changes: Let the account change while the tap runs.
            calls: Most calls; None for no limit.
        """
        began = self.now
        limit: dict[str, Any] = {} if calls is None else {"max_calls_per_run": calls}
        with self._changing() if changes else contextlib.nullcontext():
            self.run(catalog=self.catalog, refresh=mode, **SETTINGS, **limit)
        self._observe()
        if calls is not None:
            self._compare(mode, began, None, has_all=False)
            self._broke_off = self._broke_off or began
            return
        before = self.began[-1] if self.began else None
        self.began.append(began)
        self.ended.append(self.now)
        # A pass that was taken up has what was there when it was read.
        self._compare(mode, self._broke_off or began, before, has_all=before is not None or not changes)
        self._broke_off = None

    def killed(self, mode: str, answers: int, *, flushes: bool) -> None:
        """Run the tap and kill it; without a limit to its calls it may have come to its end before.

        Args:
            mode: Value of the setting refresh.
            answers: How many answers it may take.
            flushes: Let it write a last STATE.
        """
        began = self.now
        self.run.cut_off(answers, self.catalog, flushes=flushes, refresh=mode, **SETTINGS)
        self._observe()
        self._compare(mode, began, None, has_all=False)
        self._broke_off = self._broke_off or began

    def lag_after_a_sweep(self) -> list[str]:
        """Read everything again, and return how the copy differs from the account.

        What an earlier run has read of a pass that it did not finish is not read again.
        """
        moment = self._broke_off or self.now
        self.run(catalog=self.catalog, refresh="full", sweep="now", **SETTINGS)
        return [f"{name}: {one}" for name in self.declared for one in self._late(name, moment)]

    # What is true, and what is held against it.

    def _observe(self) -> None:
        """Note what is true now."""
        for name, history in self._histories.items():
            history.observe(self.now, truth(self.run.box, name))

    def _changing(self) -> contextlib.AbstractContextManager[None]:
        """Let something happen before some of the next answers."""
        left = [self._rng.randrange(40) for _ in range(3)]

        def pass_one() -> None:
            for place, answers in enumerate(left):
                left[place] = answers - 1
                if answers == 0:
                    self.change(1)

        return before_answers(pass_one)

    def _compare(self, mode: str, began: datetime, before: datetime | None, *, has_all: bool) -> None:
        """Compare the copy with what was true.

        Args:
            mode: How the run read.
            began: When it began to read what the copy got.
            before: When the last one began that came to its end; None if there was none.
            has_all: Whether it read all that was to be read.
        """
        found = {name: self._wrong(name) for name in self.declared}
        if has_all:
            for name in self.declared:
                found[name] += self._late(name, began, only=self._due(name, mode, before, began))
        self._held = {name: self._copy(name) for name in self.declared}
        self._held_at = began
        told = [f"{name}: {one}" for name, messages in found.items() for one in messages]
        assert not told, "\n".join([f"{mode}, {began:%d %H:%M}", *told[:MOST_TOLD]])

    def _copy(self, name: str) -> dict[Key, Record]:
        return self._histories[name].keyed(self.run.target.rows(name))

    def _wrong(self, name: str) -> list[str]:
        """What may never be: wrong deletions, and what was older than the interval when the last run ended.

        Runs that were killed, or had few calls, are not counted: they may not have read what was due.
        """
        history = self._histories[name]
        oldest = (self.ended[-1] if self.ended else self.now) - INTERVAL - SLACK - self._excused()
        deleted = self._held.get(name, {}).keys() - self._copy(name).keys()
        return [
            *(
                f"{key} was marked as deleted, and is there"
                for key in deleted
                if history.has_lasted(key, self._held_at) and not history.came_back(key, oldest)
            ),
            *(self._late(name, oldest) if name in self.run.target.schemas else ()),
        ]

    def _late(self, name: str, moment: datetime, *, only: Sequence[Key] | None = None) -> list[str]:
        """What the copy does not have as it was at a time, or later."""
        target = self.run.target
        return self._histories[name].wrong(target.rows(name), target.schemas[name], moment, only=only)

    def _excused(self) -> timedelta:
        """How much older things may be, as nights had no run that came to its end."""
        times = [one for one in self.began if self.began[-1] - one <= INTERVAL + DAY]
        gaps = (later - earlier for earlier, later in pairwise(times))
        return sum((max(gap - DAY - LATE, timedelta()) for gap in gaps), timedelta())

    def _due(self, name: str, mode: str, before: datetime | None, began: datetime) -> list[Key] | None:
        """The rows that a run has to bring up to date; None for all, those that were deleted among them.

        Args:
            name: Name of the stream.
            mode: How the run read.
            before: When the run before it began; None if there was none.
            began: When it began.
        """
        history = self._histories[name]
        if before is not None and (mode != "full" or self.declared[name].changes.is_timed):
            return self._shown(name, mode, before, began)
        if any(self._histories[one].has_lost_rows(began) for one in lineage(name)[1:]):
            return [*history.rows()]  # a parent was listed and not found: deletions wait for the next pass
        return None

    def _shown(self, name: str, mode: str, before: datetime, began: datetime) -> list[Key]:
        """The rows that a run finds although it does not read all, as cheap calls show them.

        Args:
            name: Name of the stream.
            mode: How the run read.
            before: When the run before it began.
            began: When it began.
        """
        collection, rows = self.declared[name], self._histories[name].rows()
        parents = collection.parents
        if mode == "rolling" and parents is not None and not (parents.in_window or parents.rows_move):
            fresh = self._fresh_parents(name, before, began)
            return [key for key, row in rows.items() if str(row.get(parents.ordered_by_own)) in fresh]
        if not collection.changes.is_timed or collection.changes.key is None:
            return []
        since = before - collection.changes.lookback
        return [
            key for key, row in rows.items() if _is_between(since, row.get(collection.changes.key), began)
        ]

    def _fresh_parents(self, name: str, before: datetime, began: datetime) -> set[str]:
        """The parents that are new since the last run, or show that something is new below them."""
        source, ended = self.declared[name].parents, self.ended[-2]
        assert source is not None
        history = self._histories[source.stream]
        return {
            str(row[source.ordered_by])
            for row_key, row in history.rows().items()
            if history.has_lasted(row_key, began)
            and (
                history.is_new(row_key, before)
                or _is_between(before, row.get(source.changed or ""), began)
                or history.has_changed(row_key, ended, began, source.shown)
            )
        }


def _is_between(first: datetime, value: Any, last: datetime) -> bool:
    """Whether a value is a time between two others."""
    if not isinstance(value, str) or not value:
        return False
    return first <= datetime.fromisoformat(value if "T" in value else f"{value}T00:00:00Z") <= last
