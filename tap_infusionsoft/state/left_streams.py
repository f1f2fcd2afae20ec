"""Streams that runs leave to the next ones, because `max_calls_per_run` allows no more calls.

Streams that are read incrementally come first in such runs. If they alone take all the calls, or a long list
takes what they leave, the others would never be read. So the state keeps how many runs in a row have left a
stream where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

LEFT = "left"
"""Where the state keeps it, beside the bookmarks: a list of one object, which Meltano does not merge."""
_RUNS = "runs"
_FIRST = "first"
PATIENCE = 3
"""Runs in a row that may leave a stream before it comes before others of its kind."""
LONG = 7
"""Runs in a row that may leave a stream before every second run begins with it."""


class LeftStreams:
    """The streams that runs have left where they were.

    Attributes:
        come_first: Whether this run begins with them, even before what is read incrementally.
    """

    def __init__(self, state: MutableMapping[str, Any]) -> None:
        """The streams that a state names. One that cannot be used counts as one that names none.

        Args:
            state: The state, which `note` changes.
        """
        self._state = state
        self._runs: dict[str, int] = {}
        came_first = False
        match state.get(LEFT):
            case [{"runs": dict() as runs, **others}]:
                self._runs = {str(name): count for name, count in runs.items() if isinstance(count, int)}
                came_first = others.get(_FIRST) is True
        self.come_first = max(self._runs.values(), default=0) >= LONG and not came_first

    def runs(self, stream: str) -> int:
        """How many runs in a row have left a stream; 0 if they were fewer than `PATIENCE`."""
        runs = self._runs.get(stream, 0)
        return runs if runs >= PATIENCE else 0

    def note(self, without_call: Iterable[str], without_progress: Iterable[str]) -> None:
        """Note what this run has left.

        Args:
            without_call: Streams that it made no call for.
            without_progress: Streams that are where they were, whether it made calls for them or not. Those
                that it began with had their turn all the same.
        """
        left = without_call if self.come_first else without_progress
        self._runs = {name: self._runs.get(name, 0) + 1 for name in left}
        if self._runs or LEFT in self._state:
            self._state[LEFT] = [{_RUNS: self._runs, _FIRST: self.come_first}]
