"""Answers that several readers of a run ask for: Keap gives them once.

Orders, their items and their balances are rows of the same answers. Streams of that kind read side by side: whoever is
ahead asks Keap, and the answer waits on a shelf until the others have taken it. The shelf is small, as pages are large:
when it is full, the one ahead steps aside. A reader whose calls are others, as its window is another, finds nothing
there and reads for itself.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tap_infusionsoft.client.faults import usable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.client.faults import Fault, KeapError
    from tap_infusionsoft.streams.collection import Collection

SHELF_PAGES = 4
"""Answers that wait before their reader steps aside: so many pages it can be ahead of others when a run breaks off."""
MOST_PAGES = 2 * SHELF_PAGES
"""Answers that wait at most, those included that turn out to be for nobody."""


class Asked(Protocol):
    """Who can be asked: the client, or what stands before it."""

    def fetch(self, call: Call) -> Reply:
        """Read one document."""

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""


@dataclass(slots=True)
class _Kept:
    """An answer, and who has not taken it yet."""

    call: Call
    reply: Reply
    waiting: set[str]


class Shelf:
    """The answers that some readers share.

    Attributes:
        taken: How often readers have taken an answer, or have let one go.
    """

    def __init__(self, asked: Asked, readers: Iterable[str] = ()) -> None:
        """An empty shelf.

        Args:
            asked: Who answers what is not there.
            readers: Names of those that share it.
        """
        self.asked = asked
        self.taken = 0
        self._readers = {*readers}
        self._kept: list[_Kept] = []
        self._lock = threading.Lock()

    def fetch(self, reader: str, call: Call) -> Reply:
        """The answer to a call, from the shelf if it waits there for this reader.

        Raises:
            KeapError: It cannot be had.
        """
        with self._lock:
            for one in self._kept:
                if reader in one.waiting and one.call == call:
                    self._let_go(reader, [one])
                    return one.reply
            # Whoever asks for something else is past what is there, or on another way.
            self._let_go(reader, self._kept)
        reply = self.asked.fetch(call)
        with self._lock:
            waiting = self._readers - {reader}
            if waiting and len(self._kept) < MOST_PAGES:
                self._kept.append(_Kept(call, reply, waiting))
        return reply

    @property
    def is_shared(self) -> bool:
        """Whether it has several readers."""
        return len(self._readers) > 1

    def is_full_for(self, reader: str) -> bool:
        """Whether a reader has nothing more to take, and no room for what it would ask for."""
        return len(self._kept) >= SHELF_PAGES and not self.has_for(reader)

    def has_for(self, reader: str) -> bool:
        """Whether an answer waits for a reader."""
        return any(reader in one.waiting for one in self._kept)

    def leave(self, *readers: str) -> None:
        """These readers are done, or not waited for any more."""
        with self._lock:
            for reader in readers:
                self._readers.discard(reader)
                self._let_go(reader, self._kept)

    def leave_idle(self) -> None:
        """Wait no more for those who have not taken what is there."""
        self.leave(*set().union(*(one.waiting for one in self._kept)))

    def _let_go(self, reader: str, answers: Iterable[_Kept]) -> None:
        for one in answers:
            self.taken += reader in one.waiting
            one.waiting.discard(reader)
        self._kept = [one for one in self._kept if one.waiting]


class Reader:
    """One of those that read from a shelf. It stands where a client could stand."""

    def __init__(self, shelf: Shelf, name: str) -> None:
        self.shelf = shelf
        self._name = name

    def fetch(self, call: Call) -> Reply:
        """Read one document.

        Raises:
            KeapError: It cannot be had.
        """
        return self.shelf.fetch(self._name, call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""
        return self.shelf.asked.error(fault, call)

    @property
    def shares(self) -> bool:
        """Whether others may get the same answers: those on its shelf, or models, which are kept."""
        return self.shelf.is_shared or isinstance(self.shelf.asked, Models)

    @property
    def asks(self) -> bool:
        """Whether its next call is one that nobody else makes, or has made."""
        return not self.shares and not self.shelf.has_for(self._name)

    @property
    def is_ahead(self) -> bool:
        """Whether others should catch up before it goes on."""
        return self.shelf.is_full_for(self._name)

    def leave(self) -> None:
        """Take nothing more from the shelf."""
        self.shelf.leave(self._name)

    def go_on(self, taken: int) -> None:
        """Go on after others could catch up; if none took anything since ``taken``, what is left is for nobody."""
        if self.shelf.taken == taken:
            self.shelf.leave_idle()


class Models:
    """The models of custom fields. They are few and small: each is kept for the run."""

    def __init__(self, client: Asked) -> None:
        self._client = client
        self._kept: dict[str, Reply] = {}

    def fetch(self, call: Call) -> Reply:
        """Read a model.

        Raises:
            KeapError: It cannot be had.
        """
        kept = self._kept.get(call.path)
        if kept is None or not usable(kept.document, call):
            kept = self._kept[call.path] = self._client.fetch(call)
        return kept

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""
        return self._client.error(fault, call)


def alike(readers: Iterable[tuple[str, Collection]]) -> list[list[str]]:
    """The names of readers, those together that make the same calls, as far as declarations tell."""
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
    """What decides which calls a collection takes: all of it but what its rows become."""
    return (
        collection.endpoint.path,
        replace(collection.endpoint, period=None),
        collection.changes,
        collection.slices,
        collection.wire.bare,
        collection.query.conditions,
    )
