"""Calls that are sent ahead of their time, so that their answers are there when they are asked for.

Only first tries are sent ahead, by threads that know nothing else. Whatever comes of them is looked at in the order in
which it is asked for, by the one thread that reads: there faults are waited for and raised, tokens renewed, rows
handed out. So with threads everything happens as without, but sooner.
"""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_infusionsoft.client.calls import Call
    from tap_infusionsoft.client.keap import Asked, KeapClient, Reply

T = TypeVar("T")
Key = tuple[object, ...]

THREAD = "ahead"
"""Name of the threads."""


def _key(call: Call) -> Key:
    return (call.method, call.path, *sorted(call.params.items()))


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
        self._came: SimpleQueue[Asked | None] = SimpleQueue()  # signals interrupt who waits for it
        # The end of the process does not wait for threads of this kind.
        threading.Thread(target=self._run, name=THREAD, daemon=True).start()

    def _run(self) -> None:
        came: Asked | None = None
        try:
            came = self._client.begin(self._call, lambda: self.is_wanted)
        finally:
            self.is_over = True
            self._came.put(came)

    def take(self) -> Asked | None:
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
        errand = self._errands.pop(_key(call), None)
        return self.client.fetch(call, errand.take() if errand is not None else None)

    def fetch_anew(self, call: Call) -> Reply:
        """Read one document as it is now.

        Raises:
            KeapError: It cannot be had.
        """
        self.drop([call])
        return self.client.fetch(call)

    def drop(self, calls: Iterable[Call] | None = None) -> None:
        """Forget answers that were not taken: of these calls, or all. What was not sent yet is never sent."""
        keys = [*self._errands] if calls is None else [_key(call) for call in calls]
        for key in keys:
            errand = self._errands.pop(key, None)
            if errand is not None:
                errand.is_wanted = False
                self._dropped.append(errand)

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
            coming.extend(islice(left, self.most - len(coming)))
            self.want(call(one) for one in coming)
