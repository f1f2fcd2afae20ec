"""Gets rows out of pages that the service does not send.

A field that the service refuses is left out. A page that does not come, because the service cannot load or
write one of its rows, is halved until that row is alone; what is known of it is handed out in its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_infusionsoft.client.call import SMALLEST_PAGE
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.reading.walks.walk import UnsentRow
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.faults import is_about_rows, is_hung_up
from tap_infusionsoft.xmlrpc.refused_fields import RefusedFields, refused_among

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tap_infusionsoft.reading.walks.walk import Asks, Row


class Finds:
    """What the reads of one stream have found out in a run.

    Attributes:
        refused: The fields that the service refuses.
        has_unsent: Whether there was a row that it cannot send. Then no page without an answer is asked for
            again before it is halved.
    """

    def __init__(self) -> None:
        """Nothing so far."""
        self.refused = RefusedFields()
        self.has_unsent = False


class PageRescue:
    """Asks for the pages of one walk: for the whole page, or as much of its beginning as can be sent."""

    def __init__(self, finds: Finds) -> None:
        """A walk that has not begun.

        Args:
            finds: What is known of the stream.
        """
        self._finds = finds
        self._most: int | None = None  # rows of a page, after a query took too long
        self._bad_among = 0  # rows that come next, among which is one that cannot be sent; 0 for none

    def ask(self, call: XmlRpcCall, whom: Asks) -> Reply:
        """Read the beginning of a page. The call of the reply says how many rows that are.

        Raises:
            KeapError: It cannot be read.
        """
        if call.limit is None:
            return self._finds.refused.ask(call, whom)
        call = self._sized(call)
        sendable = 0
        while True:
            try:
                reply = self._finds.refused.ask(call, whom)
            except KeapError as error:
                if not self._is_about_rows(error, call, whom) or sendable > 1:
                    if not call.is_probe:
                        raise
                    call = replace(call, is_probe=False)  # it may be an outage, which is waited for
                    continue
                call = call.of_size(error.call.rows)
                if call.rows > 1:
                    self._bad_among = call.rows
                    call = replace(call.of_size(call.rows // 2), is_probe=True)
                elif call.is_probe:
                    call = replace(call, is_probe=False)
                else:
                    found = self._unsent(call, error, whom)
                    if found is not None:
                        self._bad_among = 0
                        return found
                    sendable += 1
                continue
            if reply.call.rows < call.rows and not self._bad_among:
                self._most = max(reply.call.rows, SMALLEST_PAGE)
            self._bad_among = max(self._bad_among - reply.call.rows, 0)
            return reply

    def _is_about_rows(self, error: KeapError, call: XmlRpcCall, whom: Asks) -> bool:
        """Whether a row may be the reason. If the service hung up, it answers other calls then."""
        if not is_hung_up(error.fault):
            return is_about_rows(error.fault)
        try:
            whom.fetch(replace(call.for_one_row((), dict.fromkeys(call.keys, "0")), is_probe=True))
        except KeapError:
            return False
        return True

    def _sized(self, call: XmlRpcCall) -> XmlRpcCall:
        """The call for as many rows as are likely to come."""
        most = min(call.rows, self._most or call.rows)
        if self._bad_among:
            most = min(most, max(self._bad_among // 2, 1))
        is_probe = self._finds.has_unsent or bool(self._bad_among)
        return replace(call.of_size(most) if most < call.rows else call, is_probe=is_probe)

    def _unsent(self, call: XmlRpcCall, error: KeapError, whom: Asks) -> Reply | None:
        """The page of a row that cannot be sent, or an empty one; None if it has gone, or can be sent by now.

        Args:
            call: The call for the row alone.
            error: Why it did not come.
            whom: Who answers.

        Raises:
            KeapError: Not even its key is sent.
        """
        call = call.without_fields(self._finds.refused.names)
        keys = whom.fetch(call.with_fields(()))
        if not keys.document[ROWS]:
            return keys  # there are no more rows
        known: Row = keys.document[ROWS][0]

        def row_with(fields: Sequence[str]) -> Row | None:
            """The row with some fields, empty if it has gone; None if it cannot be sent with them."""
            try:
                reply = whom.fetch(replace(call.with_fields(fields), is_probe=True))
            except KeapError as other:
                if not is_about_rows(other.fault):
                    raise
                return None
            return next(iter(reply.document[ROWS]), {})

        bad = refused_among(call.optional_fields, lambda fields: row_with(fields) is None)
        rest = row_with([name for name in call.optional_fields if name not in bad])
        row = known if rest is None else rest
        if not bad or any(row.get(name) != value for name, value in known.items()):
            return None
        self._finds.has_unsent = True
        return Reply({ROWS: [UnsentRow(row, _reason(call, known, bad, error))]}, call)


def _reason(call: XmlRpcCall, known: Mapping[str, Any], bad: Sequence[str], error: KeapError) -> str:
    which = " and ".join(f"{name} {value}" for name, value in sorted(known.items()))
    what = error.fault.text or error.fault.kind.value
    return f"Keap cannot send {', '.join(bad)} of the row {call.what} with {which} ({what})"
