"""Sends calls ahead of time, so that their answers have arrived when they are needed.

Only first tries are sent ahead, by threads that do nothing else. The one thread that reads looks at their
outcomes, in the order in which it needs them: it decodes answers, waits after faults and raises them, renews
tokens and returns rows. So the result is the same as without threads, only sooner.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.moving_average import MovingAverage
from tap_infusionsoft.client.next_page_guess import NextPageGuesser
from tap_infusionsoft.client.page_tokens import id_number, next_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_infusionsoft.client.call import Call, IdCursor
    from tap_infusionsoft.client.client import Attempt, KeapClient, Reply
    from tap_infusionsoft.client.faults import Fault

T = TypeVar("T")
Key = tuple[object, ...]

THREAD = "prefetch"
"""Name of the threads."""
MOST_WAITING = 4
"""Answers that may wait to be taken before no more calls are sent: pages are large."""


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
        is_guess: Whether its answer may never be needed.
        is_wanted: Whether its answer is still wanted.
        is_started: Whether a thread has picked it up.
        is_done: Whether that thread has finished it.
        turn: Set once the call may be overtaken: it is being sent, or never will be.
        turn_before: The ``turn`` of the call before it, if there is one. When the pace is slow, calls must go
            out in the order in which they are needed.
    """

    def __init__(self, call: Call, *, is_guess: bool) -> None:
        self.call = call
        self.is_guess = is_guess
        self.is_wanted = True
        self.is_started = False
        self.is_done = False
        self.turn = threading.Event()
        self.turn_before: threading.Event | None = None
        self._attempt: SimpleQueue[Attempt | None] = SimpleQueue()  # a signal can interrupt waiting for it

    def run(self, client: KeapClient) -> None:
        """Send the call, if it is still wanted."""
        attempt: Attempt | None = None
        try:
            if self.turn_before is not None:
                self.turn_before.wait()
            attempt = client.send_ahead(self.call, self._is_still_wanted)
        finally:
            self.turn.set()
            self._attempt.put(attempt)

    def _is_still_wanted(self) -> bool:
        """Answer the client, which asks when it is the call's turn."""
        self.turn.set()
        return self.is_wanted

    def take(self) -> Attempt | None:
        """Wait for the outcome; None if the call was not sent."""
        return self._attempt.get()


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
        self._openings: Sequence[Call] = ()
        self._walks: dict[Key, tuple[NextPageGuesser, Callable[[int], Call]]] = {}
        self._returned_at: float | None = None  # when the last page of a walk was, on the monotonic clock
        self._reader_work = MovingAverage()  # how long the reader of a walk by ids works on a page

    def send_ahead(self, calls: Iterable[Call]) -> None:
        """Send calls ahead, in this order, while there is room, unless they were sent ahead already."""
        self._plan(calls)
        self._start()

    def _plan(self, calls: Iterable[Call], *, is_guess: bool = False) -> None:
        if self.most == 1:
            return
        with self._lock:
            for call in calls:
                if len(self._prefetches) >= self.most + MOST_WAITING:
                    break
                if call.identity not in self._prefetches:
                    prefetch = self._prefetches[call.identity] = _Prefetch(call, is_guess=is_guess)
                    self._planned.append(prefetch)
            self._planned = deque(sorted(self._planned, key=lambda one: one.is_guess))

    def _start(self) -> None:
        """Start planned calls while there is room."""
        while (prefetch := self._next()) is not None:
            # A daemon thread: the end of the process does not wait for it.
            threading.Thread(target=self._run, args=(prefetch,), name=THREAD, daemon=True).start()

    def _next(self) -> _Prefetch | None:
        """Return the next call to start now, and count it as in flight; None if there is none or no room."""
        with self._lock:
            if not self._planned:
                return None
            room = min(self.most, self.useful) if self._planned[0].is_guess else self.most
            waiting = sum(one.is_done for one in self._prefetches.values())
            if self._in_flight >= room or waiting >= MOST_WAITING:
                return None
            prefetch = self._planned.popleft()
            prefetch.is_started = True
            prefetch.turn_before, self._last_turn = self._last_turn, prefetch.turn
            self._in_flight += 1
            return prefetch

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
            self._plan((cursor.call_after(one) for one in guesser.coming), is_guess=True)
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
        with self._lock:
            prefetch = self._prefetches.pop(call.identity, None)
            if (
                prefetch is not None and not prefetch.is_started
            ):  # there was no room for it, and now it is needed
                self._planned.remove(prefetch)
                prefetch = None
        self._start()
        return self.client.fetch(call, prefetch.take() if prefetch is not None else None)

    def drop(self, calls: Iterable[Call]) -> None:
        """Forget the answers to these calls. Those that were not sent yet are never sent."""
        self._drop(call.identity for call in calls)

    def drop_all(self) -> None:
        """Forget all answers that were not taken."""
        self._forget_walks()
        self._drop([*self._prefetches])

    def _drop(self, keys: Iterable[Key]) -> None:
        with self._lock:
            for prefetch in filter(None, [self._prefetches.pop(key, None) for key in keys]):
                prefetch.is_wanted = False
            self._planned = deque(one for one in self._planned if one.is_wanted)

    def send_openings(self, calls: Sequence[Call]) -> None:
        """Send the first calls of the next readings ahead, once the current one has sent its last call.

        They outlive `drop_all_but_openings`. Earlier openings that are not among them are dropped.
        """
        left = {call.identity for call in calls}
        self.drop(call for call in self._openings if call.identity not in left)
        self._openings = calls
        self.send_ahead(calls)

    def drop_all_but_openings(self) -> None:
        """Forget all answers that were not taken, except those to the calls of `send_openings`."""
        self._forget_walks()
        openings = {call.identity for call in self._openings}
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
