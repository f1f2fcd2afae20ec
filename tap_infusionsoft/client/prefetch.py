"""Calls that are sent ahead of their time, so that their answers are there when they are asked for.

Only first tries are sent ahead, by threads that know nothing else. Whatever comes of them is looked at in the order in
which it is asked for, by the one thread that reads: there answers are decoded, faults waited for and raised, tokens renewed,
rows handed out. So with threads everything happens as without, but sooner.
"""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.next_page_guess import Forecast
from tap_infusionsoft.client.page_tokens import as_number, next_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_infusionsoft.client.call import Behind, Call
    from tap_infusionsoft.client.client import Begun, KeapClient, Reply
    from tap_infusionsoft.client.faults import Fault

T = TypeVar("T")
Key = tuple[object, ...]

THREAD = "ahead"
"""Name of the threads."""
MOST_WAITING = 4
"""Answers that may wait to be taken before no more calls are sent: pages are large."""
_NEWEST = 0.25
"""What the newest page counts for in the mean time that is spent on one."""


def _key(call: Call) -> Key:
    return (call.method, call.path, *sorted(call.params.items()))


def _rows(reply: Reply) -> tuple[list[Any], list[int | None]]:
    """The rows of a page, and their ids."""
    page: list[Any] = reply.document[reply.call.items or ""]
    return page, [as_number(row.get("id")) for row in page]


def _known(ids: Iterable[int | None], start: int, last: int) -> int:
    """How many rows at the beginning of a page were read before, if they are in their order."""
    known = 0
    for one in ids:
        if one is None or not start < one <= last:
            break
        start, known = one, known + 1
    return known


class _Errand:
    """A call that is sent ahead.

    Attributes:
        call: The call.
        is_guess: Whether nobody may ever ask for it.
        is_wanted: Whether anybody will take the answer.
        is_begun: Whether a thread has taken it on.
        is_over: Whether that is done with it.
        turn: Set when it is its turn to be sent, or was.
        before: The turn of the one before it, if there was one: where the pace is slow, the first that is needed goes first.
    """

    def __init__(self, call: Call, *, is_guess: bool) -> None:
        self.call = call
        self.is_guess = is_guess
        self.is_wanted = True
        self.is_begun = False
        self.is_over = False
        self.turn = threading.Event()
        self.before: threading.Event | None = None
        self._came: SimpleQueue[Begun | None] = SimpleQueue()  # signals interrupt who waits for it

    def run(self, client: KeapClient) -> None:
        """Send the call, if it is still wanted."""
        came: Begun | None = None
        try:
            if self.before is not None:
                self.before.wait()
            came = client.begin(self.call, self._is_still_wanted)
        finally:
            self.turn.set()
            self._came.put(came)

    def _is_still_wanted(self) -> bool:
        """What the client asks when it comes to the call."""
        self.turn.set()
        return self.is_wanted

    def take(self) -> Begun | None:
        """What came of it; None where it was not sent."""
        return self._came.get()


class Ahead:
    """Makes calls, some of them ahead. For one thread, and none of its methods but `fetch` waits.

    A thread that is done with a call goes on with the next one that is planned, so that none has to wait until the
    reader comes back from its work; it ends where there is none, or no room.

    Attributes:
        client: Who makes them.
        most: How many calls are under way, at most; with 1, none is sent ahead.
    """

    def __init__(self, client: KeapClient, most: int = 1) -> None:
        self.client = client
        self.most = most
        self._errands: dict[Key, _Errand] = {}
        self._planned: deque[_Errand] = deque()
        self._under_way = 0  # those that nobody wants any more among them
        self._lock = threading.Lock()
        self._turn: threading.Event | None = None  # that of the errand that was begun last
        self._openings: Sequence[Call] = ()
        self._walks: dict[Key, tuple[Forecast, Callable[[int], Call]]] = {}
        self._handed_out: float | None = None  # when the last page of a walk was

    def want(self, calls: Iterable[Call]) -> None:
        """Send calls ahead, in this order, as far as there is room. Those that are under way already are left alone."""
        self._plan(calls)
        self._start()

    def _plan(self, calls: Iterable[Call], *, is_guess: bool = False) -> None:
        if self.most == 1:
            return
        with self._lock:
            for call in calls:
                if len(self._errands) >= self.most + MOST_WAITING:
                    break
                if _key(call) not in self._errands:
                    errand = self._errands[_key(call)] = _Errand(call, is_guess=is_guess)
                    self._planned.append(errand)
            self._planned = deque(sorted(self._planned, key=lambda one: one.is_guess))

    def _start(self) -> None:
        """Begin what is planned, as far as there is room."""
        while (errand := self._next()) is not None:
            # The end of the process does not wait for threads of this kind.
            threading.Thread(target=self._run, args=(errand,), name=THREAD, daemon=True).start()

    def _next(self) -> _Errand | None:
        """The next errand, to be begun now."""
        with self._lock:
            if not self._planned:
                return None
            room = self._room if self._planned[0].is_guess else self.most
            waiting = sum(one.is_over for one in self._errands.values())
            if self._under_way >= room or waiting >= MOST_WAITING:
                return None
            errand = self._planned.popleft()
            errand.is_begun = True
            errand.before, self._turn = self._turn, errand.turn
            self._under_way += 1
            return errand

    def _run(self, errand: _Errand | None) -> None:
        while errand is not None:
            try:
                errand.run(self.client)
            finally:
                with self._lock:
                    errand.is_over = True
                    self._under_way -= 1
            errand = self._next()

    @property
    def _room(self) -> int:
        """How many calls under way make use of the pace or keep the reader busy, as far as there may be so many."""
        return min(self.most, self.client.room)

    def fetch(self, call: Call) -> Reply:
        """Read one document: the one that was asked for ahead, which is forgotten then, or one that is asked for now.

        Raises:
            KeapError: It cannot be had.
        """
        if call.behind is None or self.most == 1:
            return self._take(call)
        try:
            return self._go_on(call, call.behind)
        except KeapError:
            self._end_walks()
            raise

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""
        return self.client.error(fault, call)

    def _go_on(self, call: Call, behind: Behind) -> Reply:
        """Read the next page of a walk by ids, and ask for those ahead that seem to follow."""
        forecast, _ = self._walks.setdefault(_key(behind.call(0)), (Forecast(), behind.call))
        self._note_work()
        guesses = self._room - 1
        # Some more than can be under way: each that comes makes room for the next.
        start, useless = forecast.choose(behind.id, guesses + min(guesses, MOST_WAITING))
        self.drop(behind.call(one) for one in useless)
        chosen = call if start == behind.id else behind.call(start)
        if forecast.coming:
            self._plan([chosen])
            self._plan((behind.call(one) for one in forecast.coming), is_guess=True)
            self._start()
        reply = self._take(chosen)
        page, ids = _rows(reply)
        known = _known(ids, start, behind.id)
        is_last = len(page) < reply.call.rows and next_token(reply.document, behind.token) is None
        if page and known == len(page) and not is_last:
            # It brings nothing new, and does not tell what follows.
            start, known = behind.id, 0
            reply = self._take(call)
            page, ids = _rows(reply)
        if ids and ids[-1] is not None:
            # A collection may begin anywhere, so what lies before its first row tells nothing.
            forecast.saw(start or (ids[0] or 1) - 1, ids[-1])
        del page[:known]
        self._handed_out = self.client.clock.monotonic()
        return reply._replace(known=known)

    def _note_work(self) -> None:
        """Tell how long the last page was worked on, for where that takes long, fewer calls must be under way."""
        if self._handed_out is not None:
            work = self.client.clock.monotonic() - self._handed_out
            self.client.work += (work - self.client.work) * (_NEWEST if self.client.work else 1)

    def _end_walks(self) -> None:
        """Forget the walks by ids, and what was asked for ahead for them."""
        for forecast, call in self._walks.values():
            self.drop(call(one) for one in forecast.coming)
        self._walks.clear()
        self._handed_out = None

    def _take(self, call: Call) -> Reply:
        with self._lock:
            errand = self._errands.pop(_key(call), None)
            if errand is not None and not errand.is_begun:  # there was no room for it, and now it is needed
                self._planned.remove(errand)
                errand = None
        self._start()
        return self.client.fetch(call, errand.take() if errand is not None else None)

    def drop(self, calls: Iterable[Call] | None = None) -> None:
        """Forget answers that were not taken: of these calls, or all. What was not sent yet is never sent."""
        if calls is None:
            self._walks.clear()
            self._handed_out = None
        self._drop([*self._errands] if calls is None else [_key(call) for call in calls])

    def _drop(self, keys: Iterable[Key]) -> None:
        with self._lock:
            for errand in filter(None, [self._errands.pop(key, None) for key in keys]):
                errand.is_wanted = False
            self._planned = deque(one for one in self._planned if one.is_wanted)

    def open(self, calls: Sequence[Call]) -> None:
        """Send the calls ahead that the next readings begin with: the one that is under way needs no more."""
        left = {_key(call) for call in calls}
        self.drop(call for call in self._openings if _key(call) not in left)
        self._openings = calls
        self.want(calls)

    def forget(self) -> None:
        """Forget answers that were not taken, but for those that the next readings begin with."""
        self._walks.clear()
        self._handed_out = None
        openings = {_key(call) for call in self._openings}
        self._drop([key for key in self._errands if key not in openings])

    def along(self, items: Iterable[T], call: Callable[[T], Call]) -> Iterator[T]:
        """Hand out items, and send calls of the next ones ahead while one is worked on.

        The first is done alone: whether such calls are answered at all is found out by one.

        Args:
            items: The items.
            call: The first call that an item will need.
        """
        left = iter(items)
        most = self.most + MOST_WAITING if self.most > 1 else 1
        coming = deque(islice(left, 1))
        while coming:
            yield coming.popleft()
            self._end_walks()
            coming.extend(islice(left, most - len(coming)))
            self.want(call(one) for one in coming)
