"""Responses that several readers of a run ask for: Keap gives them once.

Orders, their items and their balances are rows of the same responses. Streams of that kind read side by side:
the one in front asks Keap, and the response waits until the others have taken it. Few can wait, because pages
are large: when there is no room, the one in front lets the others catch up. A reader whose calls differ,
because its window differs, finds nothing there and reads for itself.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tap_infusionsoft.reading.models import Models

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.client.faults import Fault, KeapError
    from tap_infusionsoft.reading.pages import Fetcher
    from tap_infusionsoft.streams.collection import Collection

PAGES_AHEAD = 4
"""Responses that wait before their reader lets others catch up: how far it is ahead if a run breaks off."""
MOST_PAGES = 2 * PAGES_AHEAD
"""Most responses that wait, including those that turn out to be for nobody."""


class _Waiting(Struct):
    """A response, and the readers that have not taken it yet."""

    call: Call
    reply: Reply
    readers: set[str]


class SharedResponses:
    """The responses that some readers share.

    Attributes:
        fetcher: Who answers what does not wait here.
        taken: How often a reader has taken a response, or given one up.
        has_begun: Whether one of the readers has asked for anything.
    """

    def __init__(self, fetcher: Fetcher, readers: Iterable[str] = ()) -> None:
        """No responses yet.

        Args:
            fetcher: Who answers what does not wait here.
            readers: Names of the readers that share responses.
        """
        self.fetcher = fetcher
        self.taken = 0
        self.has_begun = False
        self._readers = {*readers}
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()

    def fetch(self, reader: str, call: Call) -> Reply:
        """The response to a call: the one that waits for this reader, or a new one.

        Args:
            reader: Name of the reader.
            call: The call.

        Raises:
            KeapError: It cannot be read.
        """
        with self._lock:
            for one in self._waiting:
                if reader in one.readers and one.call == call:
                    self._give_up(reader, [one])
                    return one.reply
            # A reader that asks for something else is past what waits here, or reads in another way.
            self._give_up(reader, self._waiting)
        self.has_begun = True
        reply = self.fetcher.fetch(call)
        with self._lock:
            others = self._readers - {reader}
            if others and len(self._waiting) < MOST_PAGES:
                self._waiting.append(_Waiting(call, reply, others))
        return reply

    @property
    def is_shared(self) -> bool:
        """Whether there are several readers."""
        return len(self._readers) > 1

    def is_full_for(self, reader: str) -> bool:
        """Whether a reader has nothing left to take, and there is no room for what it would ask for."""
        return len(self._waiting) >= PAGES_AHEAD and not self.has_for(reader)

    def has_for(self, reader: str) -> bool:
        """Whether a response waits for a reader."""
        return any(reader in one.readers for one in self._waiting)

    def leave(self, *readers: str) -> None:
        """Stop keeping responses for these readers: they are done, or will not come."""
        with self._lock:
            for reader in readers:
                self._readers.discard(reader)
                self._give_up(reader, self._waiting)

    def leave_idle(self) -> None:
        """Stop keeping responses for the readers that have not taken what waits for them."""
        self.leave(*set().union(*(one.readers for one in self._waiting)))

    def _give_up(self, reader: str, responses: Iterable[_Waiting]) -> None:
        """Take some responses off a reader's list; those that wait for nobody are dropped."""
        for one in responses:
            self.taken += reader in one.readers
            one.readers.discard(reader)
        self._waiting = [one for one in self._waiting if one.readers]


class SharedFetcher:
    """What one reader asks instead of the client.

    Attributes:
        responses: The responses that it shares with others.
    """

    def __init__(self, responses: SharedResponses, reader: str) -> None:
        self.responses = responses
        self._reader = reader

    def fetch(self, call: Call) -> Reply:
        """Read one document.

        Raises:
            KeapError: It cannot be read.
        """
        return self.responses.fetch(self._reader, call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""
        return self.responses.fetcher.error(fault, call)

    @property
    def is_shared(self) -> bool:
        """Whether others may get the same responses: other readers, or anyone who asks for a cached model."""
        return self.responses.is_shared or self.keeps_models

    @property
    def keeps_models(self) -> bool:
        """Whether it reads models, which others need as plain documents."""
        return isinstance(self.responses.fetcher, Models)

    @property
    def asks_first(self) -> bool:
        """Whether its next call is one that nobody else has made."""
        if not self.is_shared:
            return not self.responses.has_for(self._reader)
        return not (self.keeps_models or self.responses.has_begun)

    @property
    def is_ahead(self) -> bool:
        """Whether others should catch up before it goes on."""
        return self.responses.is_full_for(self._reader)

    def leave(self) -> None:
        """Take no more responses from others."""
        self.responses.leave(self._reader)

    def go_on(self, taken: int) -> None:
        """Go on after others had time to catch up.

        Args:
            taken: `SharedResponses.taken` before that; if nobody took anything since, what waits is for
                nobody.
        """
        if self.responses.taken == taken:
            self.responses.leave_idle()


def alike(readers: Iterable[tuple[str, Collection]]) -> list[list[str]]:
    """Group readers that make the same calls, as far as declarations show.

    Args:
        readers: Name of each reader, and what it reads.

    Returns:
        The names, those of a group together.
    """
    found: list[tuple[tuple[object, ...], list[str]]] = []
    for name, collection in readers:
        calls = _calls(collection)
        names = next((names for other, names in found if other == calls), None)
        if names is None:
            found.append((calls, [name]))
        elif name not in names:
            names.append(name)
    return [names for _, names in found]


def _calls(collection: Collection) -> tuple[object, ...]:
    """What decides which calls a collection takes: all of it except what its rows become."""
    return (
        collection.endpoint.path,  # first, because it is most likely to differ
        replace(collection.endpoint, period=None),
        collection.changes,
        collection.slices,
        collection.wire.bare,
        collection.query.conditions,
    )
