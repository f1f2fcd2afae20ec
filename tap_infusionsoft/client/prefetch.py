"""Sends calls ahead of time, so that their answers have arrived when they are needed.

Only first tries are sent ahead, by threads that do nothing else. The one thread that reads looks at their
outcomes, in the order in which it needs them: it decodes answers, waits after faults and raises them, renews
tokens and returns rows. So the result is the same as without threads, only sooner.

Where a reading knows one call at a time, as by page token, it cannot use the pace alone. What it leaves is
used for the calls that later readings begin with.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from enum import IntEnum
from http import HTTPStatus
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.moving_average import MovingAverage
from tap_infusionsoft.client.next_page_guess import NextPageGuesser
from tap_infusionsoft.client.page_tokens import id_number, next_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_infusionsoft.client.call import Call, IdCursor
    from tap_infusionsoft.client.client import Attempt, KeapClient, Reply
    from tap_infusionsoft.client.faults import Fault

T = TypeVar("T")
Key = tuple[object, ...]

THREAD = "prefetch"
"""Name of the threads."""
MOST_WAITING = 4
"""Answers that may wait to be taken before no more calls are sent: pages are large."""
MOST_OPENINGS = 4
"""Calls of later readings in flight at most. Their answers may be as large as any, but wait for longer."""
OPENINGS_WAITING = 16
"""Answers to calls of later readings that may wait before no more of them are sent, ..."""
OPENINGS_BYTES = 8 << 20
"""... and bytes of them."""
LONGEST_WAIT = 600.0
"""Seconds that an answer may wait. An older one is asked for again."""
CALLS_LEFT = 100
"""With fewer calls left to this run or day, all are left to the current reading."""


class Urgency(IntEnum):
    """How soon an answer is needed: the order in which calls are sent."""

    NEEDED = 0
    GUESS = 1
    """It may never be needed."""
    OPENING = 2
    """A later reading begins with it."""


def _ids(reply: Reply) -> list[int | None]:
    """Return the ids of a page's rows."""
    page: list[Any] = reply.document[reply.call.items or ""]
    return [id_number(row.get("id")) for row in page]


def _overlap(ids: Iterable[int | None], start: int, last: int) -> int:
    """Count the rows at the beginning of a page that were read before, as long as they are in order.

    Args:
        ids: The ids of the page.
        start: The id after which the page begins.
        last: The last id that was read before.
    """
    count = 0
    for one in ids:
        if one is None or not start < one <= last:
            break
        start, count = one, count + 1
    return count


class _Prefetch:
    """A call that is sent ahead.

    Attributes:
        call: The call.
        urgency: How soon its answer is needed.
        reading: Name of the reading that begins with it; empty for the current one.
        attempt: The outcome, once it is done; None also if the call was not sent.
        is_wanted: Whether its answer is still wanted.
        is_started: Whether a thread has picked it up.
        is_done: Whether that thread has finished it.
        turn: Set once the call may be overtaken: it is being sent, or never will be.
        turn_before: The ``turn`` of the call before it, if there is one. When the pace is slow, calls must go
            out in the order in which they are needed.
    """

    def __init__(self, call: Call, urgency: Urgency, reading: str = "") -> None:
        self.call = call
        self.urgency = urgency
        self.reading = reading
        self.attempt: Attempt | None = None
        self.is_wanted = True
        self.is_started = False
        self.is_done = False
        self.turn = threading.Event()
        self.turn_before: threading.Event | None = None
        self._outcome: SimpleQueue[Attempt | None] = SimpleQueue()  # a signal can interrupt waiting for it

    def run(self, client: KeapClient) -> None:
        """Send the call, if it is still wanted."""
        try:
            if self.turn_before is not None:
                self.turn_before.wait()
            self.attempt = client.send_ahead(self.call, self._is_still_wanted)
        finally:
            self.turn.set()
            self._outcome.put(self.attempt)

    def _is_still_wanted(self) -> bool:
        """Answer the client, which asks when it is the call's turn."""
        self.turn.set()
        return self.is_wanted

    def take(self) -> Attempt | None:
        """Wait for the outcome; None if the call was not sent."""
        return self._outcome.get()

    @property
    def size(self) -> int:
        """Bytes of the answer that waits; 0 without one."""
        answer = None if self.attempt is None else self.attempt.answer
        return 0 if answer is None else len(answer.body)

    @property
    def is_bad(self) -> bool:
        """Whether the answer that waits is none that can be used, or the call was not sent."""
        answer = None if self.attempt is None else self.attempt.answer
        return self.is_done and (answer is None or answer.status != HTTPStatus.OK)


class Prefetcher:
    """Fetches documents, and sends some of the calls ahead. Not thread-safe. Only `fetch` blocks.

    A thread that has finished a call takes the next planned one, so none has to wait until the reader comes
    back from its work. It ends when nothing is planned or there is no room.

    Attributes:
        client: The client that sends the calls.
        most: Calls in flight at most; with 1, none is sent ahead.
    """

    def __init__(self, client: KeapClient, most: int = 1) -> None:
        self.client = client
        self.most = most
        self._prefetches: dict[Key, _Prefetch] = {}
        self._planned: deque[_Prefetch] = deque()
        self._in_flight = 0  # including calls that are no longer wanted
        self._lock = threading.Lock()
        self._last_turn: threading.Event | None = None  # of the call that was started last
        self._offered: Iterator[tuple[str, Call]] | None = None
        self._walks: dict[Key, tuple[NextPageGuesser, Callable[[int], Call]]] = {}
        self._returned_at: float | None = None  # when the last page of a walk was, on the monotonic clock
        self._reader_work = MovingAverage()  # how long the reader of a walk by ids works on a page

    def send_ahead(self, calls: Iterable[Call]) -> None:
        """Send calls ahead, in this order, while there is room, unless they were sent ahead already."""
        self._plan(calls)
        self._start()

    def _plan(self, calls: Iterable[Call], urgency: Urgency = Urgency.NEEDED) -> None:
        if self.most == 1:
            return
        with self._lock:
            left = self.most + MOST_WAITING - len(self._prefetches) + len(self._openings)
            for call in calls:
                known = self._prefetches.get(call.identity)
                if known is not None:  # what it begins with is now a call of the current reading
                    left -= known.urgency is Urgency.OPENING
                    known.urgency, known.reading = min(known.urgency, urgency), ""
                elif left > 0:
                    self._add(_Prefetch(call, urgency))
                    left -= 1
                else:
                    break
            self._sort()

    def _add(self, prefetch: _Prefetch) -> None:
        self._prefetches[prefetch.call.identity] = prefetch
        self._planned.append(prefetch)

    def _sort(self) -> None:
        self._planned = deque(sorted(self._planned, key=lambda one: one.urgency))

    @property
    def _openings(self) -> list[_Prefetch]:
        """The calls of later readings, whose answers were not taken yet."""
        return [one for one in self._prefetches.values() if one.urgency is Urgency.OPENING]

    def _start(self) -> None:
        """Start planned calls while there is room."""
        while (prefetch := self._next()) is not None:
            # A daemon thread: the end of the process does not wait for it.
            threading.Thread(target=self._run, args=(prefetch,), name=THREAD, daemon=True).start()

    def _next(self) -> _Prefetch | None:
        """Return the next call to start now, and count it as in flight; None if there is none or no room."""
        with self._lock:
            if not self._planned or not self._has_room(self._planned[0].urgency):
                return None
            prefetch = self._planned.popleft()
            prefetch.is_started = True
            prefetch.turn_before, self._last_turn = self._last_turn, prefetch.turn
            self._in_flight += 1
            return prefetch

    def _has_room(self, urgency: Urgency) -> bool:
        """Whether another call of this urgency may be in flight now."""
        if urgency is Urgency.OPENING:
            return self._has_room_for_openings()
        room = min(self.most, self.useful) if urgency is Urgency.GUESS else self.most
        waiting = sum(one.is_done and one.urgency is not Urgency.OPENING for one in self._prefetches.values())
        return self._in_flight < room and waiting < MOST_WAITING

    def _has_room_for_openings(self) -> bool:
        openings = self._openings
        waiting = [one for one in openings if one.is_done]
        in_flight = sum(one.is_started for one in openings) - len(waiting)
        return (
            self._in_flight < min(self.most, self.useful_in_all)
            and in_flight < MOST_OPENINGS
            and len(waiting) < OPENINGS_WAITING
            and sum(one.size for one in waiting) < OPENINGS_BYTES
            # Whether to wait, to slow down or to give up is found out when it is taken.
            and not any(one.is_bad for one in waiting)
        )

    def _run(self, prefetch: _Prefetch | None) -> None:
        while prefetch is not None:
            try:
                prefetch.run(self.client)
            finally:
                with self._lock:
                    prefetch.is_done = True
                    self._in_flight -= 1
            prefetch = self._next()

    @property
    def useful(self) -> int:
        """Pages of a walk by ids to keep in flight, to use the full pace or to keep the reader busy."""
        latency, work = self.client.page_latency.seconds, self._reader_work.seconds
        for_the_pace = max(math.ceil(latency / self.client.seconds_between_calls), 1)
        return min(for_the_pace, 1 + math.ceil(latency / work)) if work else for_the_pace

    @property
    def useful_in_all(self) -> int:
        """Calls of all kinds to keep in flight, to use the full pace."""
        return max(math.ceil(self.client.latency.seconds / self.client.seconds_between_calls), 1)

    def fetch(self, call: Call) -> Reply:
        """Read one document: the answer to the same call if it was sent ahead, or a new one.

        An answer is taken once. A page of a walk by ids may begin before the cursor; see `Reply.overlap`.

        Raises:
            KeapError: It cannot be read.
        """
        if call.cursor is None or self.most == 1:
            self._returned_at = None  # this call is no work of the reader
            return self._take(call)
        try:
            return self._fetch_page(call, call.cursor)
        except KeapError:
            self._end_walks()
            raise

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""
        return self.client.error(fault, call)

    def _fetch_page(self, call: Call, cursor: IdCursor) -> Reply:
        """Read the next page of a walk by ids, and send calls ahead for the pages that probably follow."""
        guesser, _ = self._walks.setdefault(
            cursor.call_after(0).identity, (NextPageGuesser(), cursor.call_after)
        )
        self._note_reader_work()
        guesses = min(self.most, self.useful) - 1
        # Plan a few more than can be in flight: each answer makes room for the next call.
        start, useless = guesser.choose(cursor.after, guesses + min(guesses, MOST_WAITING))
        self.drop(cursor.call_after(one) for one in useless)
        chosen = call if start == cursor.after else cursor.call_after(start)
        if guesser.coming:
            self._plan([chosen])
            self._plan((cursor.call_after(one) for one in guesser.coming), Urgency.GUESS)
            self._start()
        reply = self._take(chosen)
        ids = _ids(reply)
        overlap = _overlap(ids, start, cursor.after)
        is_last = len(ids) < reply.call.rows and next_token(reply.document, cursor.token_key) is None
        if ids and overlap == len(ids) and not is_last:
            # The page brings nothing new, and does not tell what follows.
            start, overlap = cursor.after, 0
            reply = self._take(call)
            ids = _ids(reply)
        if ids and ids[-1] is not None:
            # A collection may begin at any id, so the gap before its first row tells nothing.
            guesser.saw(start or (ids[0] or 1) - 1, ids[-1])
        self._returned_at = self.client.clock.monotonic()
        return reply._replace(overlap=overlap)

    def _note_reader_work(self) -> None:
        """Note how long the reader worked on the last page: the longer, the fewer calls must be in flight."""
        if self._returned_at is not None:
            self._reader_work.add(self.client.clock.monotonic() - self._returned_at)

    def _end_walks(self) -> None:
        """Forget the walks by ids, and drop the calls that were sent ahead for them."""
        for guesser, call_after in self._walks.values():
            self.drop(call_after(one) for one in guesser.coming)
        self._forget_walks()

    def _forget_walks(self) -> None:
        self._walks.clear()
        self._returned_at = None

    def _take(self, call: Call) -> Reply:
        self._look_ahead(call)
        with self._lock:
            prefetch = self._prefetches.pop(call.identity, None)
            if (
                prefetch is not None and not prefetch.is_started
            ):  # there was no room for it, and now it is needed
                self._planned.remove(prefetch)
                prefetch = None
        self._start()
        attempt = prefetch.take() if prefetch is not None else None
        if attempt is not None and attempt.answered_at < self.client.clock.monotonic() - LONGEST_WAIT:
            attempt = None
        return self.client.fetch(call, attempt)

    def _look_ahead(self, current: Call) -> None:
        """Plan calls of later readings, to be sent after the current call while the pace leaves room."""
        offered = self._offered
        if offered is None or self.client.calls_left < CALLS_LEFT:
            return
        self._offered = None  # to work out a call may take a call
        while len(openings := self._openings) < OPENINGS_WAITING + MOST_OPENINGS:
            if sum(not one.is_started for one in openings) > min(self.useful_in_all, MOST_OPENINGS):
                break
            reading, call = next(offered, ("", current))
            if not reading:
                break
            if call.identity != current.identity and call.identity not in self._prefetches:
                self._plan([current])  # before all others
                with self._lock:
                    self._add(_Prefetch(call, Urgency.OPENING, reading))
        self._offered = offered
        self._start()

    def drop(self, calls: Iterable[Call]) -> None:
        """Forget the answers to these calls. Those that were not sent yet are never sent."""
        self._drop(call.identity for call in calls)

    def drop_all(self) -> None:
        """Forget all answers that were not taken."""
        self._offered = None
        self._forget_walks()
        self._drop([*self._prefetches])

    def _drop(self, keys: Iterable[Key]) -> None:
        with self._lock:
            for prefetch in filter(None, [self._prefetches.pop(key, None) for key in keys]):
                prefetch.is_wanted = False
            self._planned = deque(one for one in self._planned if one.is_wanted)

    def offer(self, openings: Iterable[tuple[str, Call]]) -> None:
        """Say what later readings begin with, in place of what was said before.

        These calls are sent ahead while the current reading cannot use the pace alone. Their answers outlive
        `drop_all_but_openings`.

        Args:
            openings: Name of each reading, and its first call, in order. It is asked for one after another.
        """
        self._offered = iter(openings) if self.most > 1 else None

    def release(self, reading: str) -> None:
        """Forget the answers that were meant for a reading, which is over."""
        self._drop([one.call.identity for one in self._openings if one.reading == reading])

    def drop_all_but_openings(self) -> None:
        """Forget all answers that were not taken, except those that later readings begin with."""
        self._forget_walks()
        openings = {one.call.identity for one in self._openings}
        self._drop([key for key in self._prefetches if key not in openings])

    def iterate(self, items: Iterable[T], calls: Callable[[T], Iterable[Call]]) -> Iterator[T]:
        """Yield items, and send calls of the next ones ahead while one is worked on.

        Nothing is sent ahead during the first item: it finds out if such calls are answered at all.

        Args:
            items: The items.
            calls: Returns the calls that an item needs first, as far as they are known.
        """
        left = iter(items)
        most = self.most + MOST_WAITING if self.most > 1 else 1
        coming = deque(islice(left, 1))
        while coming:
            yield coming.popleft()
            self._end_walks()
            coming.extend(islice(left, most - len(coming)))
            self.send_ahead(call for one in coming for call in calls(one))
