"""The APIs that a client speaks: how each of them asks, and what its answers mean.

The client sends every call of every API at one pace, within one quota, with one set of retries.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from tap_infusionsoft.client.faults import classify, says_fault
from tap_infusionsoft.client.lenient_json import RepairedObject

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.client.call import Answer, Call
    from tap_infusionsoft.client.faults import Fault

logger = logging.getLogger("tap-infusionsoft")

Document = dict[str, Any]


class Request(Struct, frozen=True):
    """What is sent for a call.

    Attributes:
        path: Below the address of the API, with the query.
        accept: Value of the Accept header.
        body: The body; None without one.
        content_type: What the body is.
    """

    path: str
    accept: str = "application/json"
    body: bytes | None = None
    content_type: str = ""


class Api(Protocol):
    """One of Keap's APIs.

    Attributes:
        has_one_address: Whether all calls go to one address, so that all of them find it down if one does.
    """

    has_one_address: bool

    def request(self, call: Call) -> Request:
        """What to send for a call."""

    def read(self, answer: Answer, call: Call, most: int, now: datetime) -> tuple[Document, Fault | None]:
        """Read an answer.

        Args:
            answer: The answer, whatever its status.
            call: What it answers.
            most: Bytes of the content of a file; that of a larger one is left out.
            now: The current time.

        Returns:
            The document, and what is wrong with it. Without a fault it holds what the call asks for.
        """

    def broken(self, fault: Fault, call: Call, now: datetime) -> Fault:
        """What it means that an exchange broke.

        Args:
            fault: What broke it.
            call: What was asked.
            now: The current time.
        """


class Rest:
    """REST, versions 1 and 2."""

    has_one_address = False

    def request(self, call: Call) -> Request:
        """A path below ``/crm/rest``, or one from ``/services`` on, with parameters and never with a body."""
        base = "" if call.path.startswith("/services/") else "/crm/rest"
        query = f"?{call.query}" if call.params else ""
        return Request(f"{base}{call.path}{query}", "*/*" if call.is_raw else "application/json")

    def read(self, answer: Answer, call: Call, most: int, now: datetime) -> tuple[Document, Fault | None]:
        """Decode JSON, by the call's own decoder if it has one and that can."""
        if call.decode is not None and answer.status == HTTPStatus.OK:
            decoded = call.decode(answer.body)
            if decoded is not None and not says_fault(decoded, call):
                return decoded, None
        try:
            document = answer.file(most) if call.is_raw else answer.json()
        except ValueError:
            document = None
        if isinstance(document, RepairedObject):
            logger.debug("%s: %d values of the answer were repaired.", call, len(document.repairs))
            document.mark_rows(call.items or "")
        return document, classify(answer, document, call, now)

    def broken(self, fault: Fault, call: Call, now: datetime) -> Fault:
        """Nothing but what it looks like."""
        del call, now
        return fault


APIS: dict[str, Api] = {"rest": Rest()}
"""The APIs by the names that calls give; others add theirs when they are imported."""
