"""The setting `stream_settings`: what one stream does otherwise than the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_infusionsoft.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DAYS = 36_600
LONGEST_LOOKBACK = 366 * 24
"""Hours."""

STREAM_SETTINGS: th.Property[Any] = th.Property(
    "stream_settings",
    th.ObjectType(
        additional_properties=th.ObjectType(
            th.Property(
                "lookback_hours",
                th.NumberType,
                description="How far behind the bookmark an increment starts, for rows that become visible late.",
            ),
            th.Property(
                "sweep_interval_days",
                th.NumberType,
                description="As the setting of this name, for this stream.",
            ),
            additional_properties=False,
        )
    ),
    title="Settings of single streams",
    description="By name of stream, an object with lookback_hours (how far behind the bookmark an increment starts; "
    "without it 1, or 7 days where Keap filters by the time of an event) and sweep_interval_days.",
)


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What is set for a stream of its own; None for what all streams do.

    Attributes:
        lookback: How far behind the bookmark an increment starts.
        sweep_interval_days: Days between sweeps; 0 for never.
    """

    lookback: timedelta | None = None
    sweep_interval_days: float | None = None

    @property
    def named(self) -> str:
        """The settings that are set."""
        given = {"lookback_hours": self.lookback, "sweep_interval_days": self.sweep_interval_days}
        return " and ".join(name for name, value in given.items() if value is not None)


def read_stream_settings(config: Mapping[str, Any]) -> dict[str, StreamSettings]:
    """Check the setting, as far as that needs no knowledge of streams.

    Raises:
        ConfigError: A number is out of range; the message names stream and setting.
    """
    found = {}
    for stream, given in (config.get("stream_settings") or {}).items():
        hours = _number(given, stream, "lookback_hours", LONGEST_LOOKBACK)
        found[stream] = StreamSettings(
            None if hours is None else timedelta(hours=hours),
            _number(given, stream, "sweep_interval_days", MOST_DAYS),
        )
    return found


def _number(given: Mapping[str, Any], stream: str, name: str, most: float) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if not 0 <= value <= most:  # NaN as well
        raise ConfigError(
            f"stream_settings: {name} of {stream} is {value!s:.20}; it must be from 0 to {most:g}."
        )
    return float(value)
