"""Where the next pages of a crawl begin, guessed from the last ones, so that several can be asked for at once.

A page of a crawl holds the rows whose ids are above a number, and the number for the next page is known only when the
page has come. But most ids are used, and so a page reaches about as far as those before it. A page that begins too
early is as good as the right one: rows that were read already are left out. One that begins too late waits for the
page that closes the gap.
"""

from __future__ import annotations

from collections import deque
from statistics import median_low
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_infusionsoft.client.ahead import Ahead
    from tap_infusionsoft.client.calls import Call

UNSURE = 1
"""Pages after which there is another, before one is guessed; then one more at a time with every page."""
_SPANS = 8
"""Pages that guesses go by."""
_MARGIN = 2
"""How much earlier a guess begins than the page before it ends, as it seems: so often the largest shortfall of the last."""
_LEAST = 0.75
"""Share of a page that must be new; for less, a guess is not worth the call."""


class Forecast:
    """The calls of one crawl."""

    def __init__(self, ahead: Ahead) -> None:
        self._ahead = ahead
        self._coming: deque[tuple[int, Call]] = deque()
        self._spans: deque[int] = deque(maxlen=_SPANS)
        self._rows = 0
        self._pages = 0

    def next(self, exact: Call, last: int, after: Callable[[int], Call]) -> tuple[Call, int]:
        """Choose the call for the page that goes on behind a row, and send some of those behind it ahead.

        Args:
            exact: The call for the rows behind that row.
            last: The row's id.
            after: Makes the call for the rows behind any id.

        Returns:
            The call, and the id behind which its page begins: ``last``, or one below it.
        """
        call, start = exact, last
        while self._coming and self._coming[0][0] <= last:
            if (
                call is not exact
            ):  # a page reached farther than all before it, and this one brings nothing new
                self._ahead.drop([call])
                self._pages = UNSURE
            start, call = self._coming.popleft()
        self._guess(start, last, after)
        if self._coming:
            self._ahead.want([call, *(one for _, one in self._coming)])
        return call, start

    def _guess(self, start: int, last: int, after: Callable[[int], Call]) -> None:
        most = min(self._pages - UNSURE, self._ahead.most - 1, self._ahead.client.room - 1)
        step = self._step
        while step and len(self._coming) < most:
            at = self._coming[-1][0] if self._coming else start
            at = max(at + step, last)
            self._coming.append((at, after(at)))

    @property
    def _step(self) -> int:
        """Ids from the beginning of one page to that of the next; 0 where they are too irregular for a guess."""
        if not self._spans:
            return 0
        usual = median_low(self._spans)
        step = usual - _MARGIN * (usual - min(self._spans))
        return step if step >= _LEAST * usual else 0

    def saw(self, span: int, rows: int) -> None:
        """Learn from a page behind which there are more rows.

        Args:
            span: From the id behind which it begins to that of its last row.
            rows: How many rows it was asked for.
        """
        if rows != self._rows:
            self._spans.clear()
        self._rows = rows
        self._spans.append(span)
        self._pages += 1

    def end(self) -> None:
        """Forget what is under way: there is nothing to come."""
        self._ahead.drop(call for _, call in self._coming)
        self._coming.clear()
