"""Where the next pages of a crawl begin, guessed from the last ones, so that several can be asked for at once.

A page of a crawl holds the rows whose ids are above a number, and the number for the next page is known only when the
page has come. But most ids are in use, and so a page reaches about as far as those before it. A page that begins too
early is as good as the right one: rows that were read already are left out. One that begins too late has to wait for
the page that closes the gap.
"""

from __future__ import annotations

from collections import deque
from statistics import median_low

UNSURE = 1
"""Pages before the first guess; with every further one there may be more."""
MORE = 3
"""Guesses that there may be more with every page."""
_SPANS = 8
"""Pages that guesses go by."""
_MARGIN = 2
"""How many times the largest shortfall of the last pages a guess begins before the end of the page before it."""
_LAP = 1000
"""Ids of a page for one by which a guess begins before the end of the page before it in any case: so the last page, too,
begins with a row that is known, and tells that it is no broken answer."""
_LEAST = 0.75
"""Share of a page that must be new; for less, a guess is not worth the call."""


class Forecast:
    """The pages of one crawl, by the ids behind which they begin.

    Attributes:
        coming: Where those begin that were guessed and not read yet, ascending.
    """

    def __init__(self) -> None:
        self.coming: deque[int] = deque()
        self._spans: deque[int] = deque(maxlen=_SPANS)
        self._pages = 0
        self._page: tuple[int, int] | None = None

    def choose(self, last: int, most: int) -> tuple[int, list[int]]:
        """Choose the page that goes on behind a row, and guess some of those behind it.

        Args:
            last: The row's id.
            most: How many guesses there may be.

        Returns:
            Where the page begins, at ``last`` or before it; and guesses that will bring nothing new.
        """
        if self._page is not None:  # there are more rows behind it
            self._pages += 1
            self._spans.append(self._page[1] - self._page[0])
            self._page = None
        early: list[int] = []
        while self.coming and self.coming[0] <= last:
            early.append(self.coming.popleft())
        start = early.pop() if early else last
        if early:  # a page reached farther than all before it
            self._pages = UNSURE - 1
        self._guess(start, last, min(most, MORE * (self._pages - UNSURE) + 1))
        return start, early

    def _guess(self, start: int, last: int, most: int) -> None:
        step = self._step
        while step and len(self.coming) < most:
            self.coming.append(max((self.coming[-1] if self.coming else start) + step, last))

    @property
    def _step(self) -> int:
        """Ids from the beginning of one page to that of the next; 0 where they are too irregular for a guess."""
        if not self._spans:
            return 0
        usual = median_low(self._spans)
        step = usual - max(_MARGIN * (usual - min(self._spans)), usual // _LAP)
        return step if step >= _LEAST * usual else 0

    def saw(self, start: int, end: int) -> None:
        """Learn from a page.

        Args:
            start: The id behind which its rows begin.
            end: That of its last row.
        """
        self._page = start, end
