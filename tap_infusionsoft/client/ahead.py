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
from tap_infusionsoft.client.forecast import Forecast
from tap_infusionsoft.client.paging import as_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_infusionsoft.client.calls import Behind, Call
    from tap_infusionsoft.client.faults import Fault
    from tap_infusionsoft.client.keap import Begun, KeapClient, Reply

T = TypeVar("T")
Key = tuple[object, ...]

THREAD = "ahead"
"""Name of the threads."""


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
        is_wanted: Whether anybody will take the answer.
        is_over: Whether its thread is done.
    """

    def __init__(self, client: KeapClient, call: Call) -> None:
        self.is_wanted = True
        self.is_over = False
        self._client = client
        self._call = call
        self._came: SimpleQueue[Begun | None] = SimpleQueue()  # signals interrupt who waits for it
        # The end of the process does not wait for threads of this kind.
        threading.Thread(target=self._run, name=THREAD, daemon=True).start()

    def _run(self) -> None:
        came: Begun | None = None
        try:
            came = self._client.begin(self._call, lambda: self.is_wanted)
        finally:
            self.is_over = True
            self._came.put(came)

    def take(self) -> Begun | None:
        """What came of it; None where it was not sent."""
        return self._came.get()


class Ahead:
    """Makes calls, some of them ahead. For one thread, and none of its methods but `fetch` waits.

    Attributes:
        client: Who makes them.
        most: How many answers are under way or waiting, at most; with 1, none is asked for ahead.
    """

    def __init__(self, client: KeapClient, most: int = 1) -> None:
        self.client = client
        self.most = most
        self._errands: dict[Key, _Errand] = {}
        self._dropped: list[_Errand] = []
        self._openings: Sequence[Call] = ()
        self._walks: dict[Key, tuple[Forecast, Callable[[int], Call]]] = {}

    def want(self, calls: Iterable[Call]) -> None:
        """Send calls ahead, in this order, as far as there is room. Those that are under way already are left alone."""
        if self.most == 1:
            return
        self._dropped = [one for one in self._dropped if not one.is_over]
        for call in calls:
            if len(self._errands) + len(self._dropped) >= self.most:
                return
            if _key(call) not in self._errands:
                self._errands[_key(call)] = _Errand(self.client, call)

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
        start, useless = forecast.choose(behind.id, min(self.most, self.client.room) - 1)
        self.drop(behind.call(one) for one in useless)
        chosen = call if start == behind.id else behind.call(start)
        if forecast.coming:
            self.want((chosen, *(behind.call(one) for one in forecast.coming)))
        reply = self._take(chosen)
        page, ids = _rows(reply)
        known = _known(ids, start, behind.id)
        if page and known == len(
            page
        ):  # it brings nothing new, and is too old to say that there is nothing more
            start, known = behind.id, 0
            reply = self._take(call)
            page, ids = _rows(reply)
        if ids and ids[-1] is not None:
            # A collection may begin anywhere, so what lies before its first row tells nothing.
            forecast.saw(start or (ids[0] or 1) - 1, ids[-1])
        del page[:known]
        return reply._replace(known=known)

    def _end_walks(self) -> None:
        """Forget the walks by ids, and what was asked for ahead for them."""
        for forecast, call in self._walks.values():
            self.drop(call(one) for one in forecast.coming)
        self._walks.clear()

    def _take(self, call: Call) -> Reply:
        errand = self._errands.pop(_key(call), None)
        return self.client.fetch(call, errand.take() if errand is not None else None)

    def drop(self, calls: Iterable[Call] | None = None) -> None:
        """Forget answers that were not taken: of these calls, or all. What was not sent yet is never sent."""
        if calls is None:
            self._walks.clear()
        self._drop([*self._errands] if calls is None else [_key(call) for call in calls])

    def _drop(self, keys: Iterable[Key]) -> None:
        for key in keys:
            errand = self._errands.pop(key, None)
            if errand is not None:
                errand.is_wanted = False
                self._dropped.append(errand)

    def open(self, calls: Sequence[Call]) -> None:
        """Send the calls ahead that the next readings begin with: the one that is under way needs no more."""
        left = {_key(call) for call in calls}
        self.drop(call for call in self._openings if _key(call) not in left)
        self._openings = calls
        self.want(calls)

    def forget(self) -> None:
        """Forget answers that were not taken, but for those that the next readings begin with."""
        self._walks.clear()
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
        coming = deque(islice(left, 1))
        while coming:
            yield coming.popleft()
            self._end_walks()
            coming.extend(islice(left, self.most - len(coming)))
            self.want(call(one) for one in coming)
