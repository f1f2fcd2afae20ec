"""By offset, in Keap's own order: REST v1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.walks.walk import Repeats, Walk

if TYPE_CHECKING:
    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.walks.walk import Page


class WalkByOffset(Walk):
    """Goes by the tap's own count: v1 sends a ``next`` link even past the end.

    Its largest limit is unknown, so a short page is the end only if the count in the answer says so too.
    """

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call with the offset of the next page."""
        read = int(str(reply.call.params.get("offset", "0"))) + len(page)
        is_last = not page or (len(page) < reply.call.rows and reply.document.get("count") == read)
        return None if is_last else reply.call.with_params(offset=str(read))

    def has_more(self, reply: Reply) -> bool:
        """Whether an answer that should bring the first rows counts some but has none."""
        items, count = self.plan.collection.endpoint.items or "", reply.document.get("count")
        is_first = str(reply.call.params.get("offset", "0")) == "0"
        return is_first and not reply.document.get(items) and isinstance(count, int) and count > 0

    @property
    def repeats(self) -> Repeats:
        """All rows: a server that ignores the offset sends the same page for ever."""
        return Repeats.ALL
