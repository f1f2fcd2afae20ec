"""More rows of about one time than a page has room for, in the middle of a walk by time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tap_infusionsoft.client.page_tokens import SeenTokens, next_token
from tap_infusionsoft.reading.walks.walk import NotByTimeError, WalkError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply

MOST_READS = 6
"""How often a crowd is read before the slice is left to a walk by token."""


class Crowd:
    """Rows between two times, read by page token until a read finds all that the one before it found.

    A row that goes away while they are read can pull another one past the reader. That row was read before it
    went, so the next read misses it.

    Attributes:
        first: The call for its first page.
        until: The later of the two times.
        counts: How often each key came in this read, where several rows may have the same.
        is_large: Whether they take more than one page.
        known: Keys of all rows that were found, in whatever read, and of those that were known before.
    """

    def __init__(self, first: Call, until: datetime, known: set[int], token: str) -> None:
        """A crowd of which nothing has been read.

        Args:
            first: The call for its first page.
            until: The later of the two times.
            known: Keys of rows that were found before, and may be among them.
            token: Key of the next page's token in an answer.
        """
        self.until = until
        self.known = known
        self.is_large = False
        self.counts: Counter[int] = Counter()
        self.first = first
        self._token = token
        self._tokens = SeenTokens()
        self._seen: set[int] = set()
        self._seen_before: set[int] | None = None
        self._pages = 0
        self._reads = 1

    def advance(self, reply: Reply, keys: Sequence[int]) -> Call | None:
        """Take a page.

        Args:
            reply: The answer.
            keys: The keys of its rows.

        Returns:
            The call for the next page; None if no row can have been missed.

        Raises:
            NotByTimeError: Rows went away during every read.
            WalkError: The page tokens do not come to an end.
        """
        self._seen.update(keys)
        self.known.update(keys)
        self._pages += 1
        token = next_token(reply.document, self._token)
        if token is not None:
            self.is_large = True
            fault = self._tokens.add(token)
            if fault is not None:
                raise WalkError(fault)
            return reply.call.with_params(page_token=token)
        is_confirmed = self._seen_before is not None and self._seen_before <= self._seen
        if is_confirmed or (self._pages == 1 and self._reads == 1):
            return None
        if self._reads == MOST_READS:
            raise NotByTimeError(reply.call.path)
        self._seen_before, self._seen = self._seen, set()
        self._tokens, self._pages = SeenTokens(), 0
        self.counts.clear()
        self._reads += 1
        return self.first
