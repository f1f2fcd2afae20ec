"""The setting ``stream_settings``: what single streams do differently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.config.schema import LOOKBACK_HOURS, STREAM_SETTINGS, STREAM_SWEEP_INTERVAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The settings of one stream; None where it does as all streams do.

    Attributes:
        lookback: How far before the bookmark an increment starts.
        sweep_interval_days: Days between sweeps; 0 for no sweeps.
    """

    lookback: timedelta | None = None
    sweep_interval_days: float | None = None

    @property
    def named(self) -> str:
        """Names of the settings that are set, for messages."""
        given = {
            LOOKBACK_HOURS.name: self.lookback,
            STREAM_SWEEP_INTERVAL_DAYS.name: self.sweep_interval_days,
        }
        return " and ".join(name for name, value in given.items() if value is not None)


def read_stream_settings(config: Mapping[str, Any]) -> dict[str, StreamSettings]:
    """Check the setting; whether the streams exist is checked once they are known.

    Returns:
        Name of stream -> its settings.

    Raises:
        ConfigError: A number is out of range, or a key unknown; the message names stream and key.
    """
    found = {}
    for stream, given in (STREAM_SETTINGS.read(config) or {}).items():
        hours = given[LOOKBACK_HOURS.name]
        found[stream] = StreamSettings(
            None if hours is None else timedelta(hours=hours), given[STREAM_SWEEP_INTERVAL_DAYS.name]
        )
    return found
