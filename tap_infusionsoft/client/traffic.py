"""What a client has sent and what it waited for, for reports about a run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from tap_infusionsoft.client.faults import Kind

MOST = 100_000
"""Exchanges and waits that are kept one by one; after that, only the sums go on."""


class Exchange(Struct, frozen=True):
    """A call and its answer.

    Attributes:
        sent: When the call was sent, in seconds on the monotonic clock.
        seconds: How long the answer took.
        reader: Name of the stream that it was sent for; empty for none in particular.
        held: Seconds that it was held back before it was sent.
        left: Calls left of the day after it; None if Keap has not said so.
    """

    sent: float
    seconds: float
    reader: str
    held: float = 0.0
    left: int | None = None


class Wait(Struct, frozen=True):
    """A wait after a fault.

    Attributes:
        began: When it began, in seconds on the monotonic clock.
        seconds: How long it takes.
        kind: What the fault was.
        reader: Name of the stream that waits; empty for none in particular.
    """

    began: float
    seconds: float
    kind: Kind
    reader: str


class Traffic(Struct):
    """The calls of a run so far, retries included. Several threads may write to it.

    Attributes:
        calls: Name of a stream -> its calls; the empty name has those of no stream in particular.
        exchanges: The calls that were answered, in the order of their answers.
        waits: The waits after faults, in order.
        paced: Seconds that calls were held back, so that the limits are kept.
        waited: Seconds of all waits after faults.
    """

    calls: Counter[str] = field(default_factory=Counter)
    exchanges: list[Exchange] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    paced: float = 0.0
    waited: float = 0.0

    def note_call(self, reader: str, held: float) -> None:
        """Note a call that is being sent. Only called under the client's gate.

        Args:
            reader: Name of the stream that it is for.
            held: Seconds that it was held back.
        """
        self.calls[reader] += 1
        self.paced += held

    def note_answer(self, exchange: Exchange) -> None:
        """Note that a call was answered."""
        if len(self.exchanges) < MOST:
            self.exchanges.append(exchange)

    def note_wait(self, wait: Wait) -> None:
        """Note a wait that begins."""
        self.waited += wait.seconds
        if len(self.waits) < MOST:
            self.waits.append(wait)
