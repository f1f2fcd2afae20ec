"""Guesses where the next pages of a walk by ids begin, so that several can be requested at once.

A page of such a walk holds the rows whose ids are above a number. The number for the next page is known only
when the page has arrived. But most ids are in use, so a page spans about as many ids as those before it. A
page that begins too early is as good as the right one: the rows that were read already are skipped. A page
that begins too late has to wait for the page that closes the gap.
"""

from __future__ import annotations

from collections import deque
from statistics import median_low

UNSURE = 1
"""Pages that are read before the first guess. Every further page allows more guesses."""
MORE = 3
"""Guesses that every page adds to the allowed number."""
_SPANS = 8
"""Pages that a guess is based on."""
_MARGIN = 2
"""A guess begins this many times the largest shortfall of the last pages before its predecessor ends ..."""
_LAP = 1000
"""... and at least by one id for this many ids of a page. So even the last page begins with a row that was
read already, which shows that it is not a broken answer."""
_LEAST = 0.75
"""Share of a page that must be new. With less, a guess is not worth the call."""


class NextPageGuesser:
    """Guesses the pages of one walk by ids. A page is named by the id after which it begins.

    Attributes:
        coming: The guessed pages that were not read yet, ascending.
    """

    def __init__(self) -> None:
        self.coming: deque[int] = deque()
        self._spans: deque[int] = deque(maxlen=_SPANS)
        self._pages = 0
        self._page: tuple[int, int] | None = None

    def choose(self, last: int, most: int) -> tuple[int, list[int]]:
        """Choose the page to read next, and guess some pages after it.

        Args:
            last: The id of the last row that was read.
            most: How many guesses there may be.

        Returns:
            The page to read next, which begins at ``last`` or before it, and the useless guesses.
        """
        if self._page is not None:  # it was not the last page
            self._pages += 1
            self._spans.append(self._page[1] - self._page[0])
            self._page = None
        early: list[int] = []
        while self.coming and self.coming[0] <= last:
            early.append(self.coming.popleft())
        start = early.pop() if early else last
        if early:  # a page spanned more ids than all before it
            self._pages = UNSURE - 1
        self._guess(start, last, min(most, MORE * (self._pages - UNSURE) + 1))
        return start, early

    def _guess(self, start: int, last: int, most: int) -> None:
        step = self._step
        while step and len(self.coming) < most:
            self.coming.append(max((self.coming[-1] if self.coming else start) + step, last))

    @property
    def _step(self) -> int:
        """Ids from the beginning of one page to that of the next; 0 if they are too irregular for a guess."""
        if not self._spans:
            return 0
        usual = median_low(self._spans)
        step = usual - max(_MARGIN * (usual - min(self._spans)), usual // _LAP)
        return step if step >= _LEAST * usual else 0

    def saw(self, start: int, end: int) -> None:
        """Learn from a page.

        Args:
            start: The id after which it begins.
            end: The id of its last row.
        """
        self._page = start, end
