"""STATE messages, written when the state has changed.

The SDK knows that by a deep copy of each state that it writes and a comparison leaf by leaf. Here the lines are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.helpers._state import StateWriter
from singer_sdk.singerlib.messages import StateMessage

if TYPE_CHECKING:
    from singer_sdk.helpers.types import TapState

    from tap_infusionsoft.output.writer import LineWriter


class StateLines(StateWriter):
    """Writes the state of the tap, unless it is the one that was written last."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__(writer)
        self._writer = writer
        self._last = b""

    def write_state(self, state: TapState) -> None:
        """Write a state if it has changed.

        Raises:
            OutputLostError: Nobody reads stdout.
        """
        message = StateMessage(value=state)
        line = self._writer.serialize_message(message)
        if line != self._last:
            self._writer.write_message(message)
            self._last = line
