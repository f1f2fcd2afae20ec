"""Slices that are one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.reading.walks.walk import Walk, WalkError

if TYPE_CHECKING:
    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.walks.walk import Page


class SingleRow(Walk):
    """One row, asked for by its id."""

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """None: there is one answer."""
        del reply, page
        return None


class SinglePage(Walk):
    """All rows on one page: the address takes no page token."""

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """None: there is one page.

        Raises:
            WalkError: The answer announces another page.
        """
        del page
        if self.has_more(reply):
            text = "there are more rows than this address can give: it takes no page token"
            raise WalkError(Fault(Kind.PAGING, text))
        return None
