"""The setting ``stream_settings``: what single streams do differently."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.config.schema import (
    LOOKBACK_HOURS,
    STREAM_REFRESH,
    STREAM_SETTINGS,
    STREAM_SWEEP,
    STREAM_SWEEP_INTERVAL_DAYS,
)
from tap_infusionsoft.errors import ConfigError, did_you_mean
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_infusionsoft.streams.collection import Collection


class StreamSettings(Struct, frozen=True):
    """The settings of one stream; None where it does as all streams do.

    Attributes:
        lookback: How far before the bookmark an increment starts.
        sweep_interval_days: Days between sweeps; 0 for no sweeps.
        sweep: ``now`` for a sweep in this run, or ``auto``.
        refresh: ``rolling`` or ``full``.
    """

    lookback: timedelta | None = None
    sweep_interval_days: float | None = None
    sweep: str | None = None
    refresh: str | None = None

    def useless(self, *, rolls: bool) -> str:
        """Names of the settings that make no difference to a stream without a time, for messages.

        Args:
            rolls: Whether the stream is read in parts, so that sweeps and their interval make a difference.
        """
        given: dict[str, Any] = {LOOKBACK_HOURS.name: self.lookback}
        if not rolls:
            given |= {
                STREAM_SWEEP_INTERVAL_DAYS.name: self.sweep_interval_days,
                STREAM_SWEEP.name: self.sweep,
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
            None if hours is None else timedelta(hours=hours),
            given[STREAM_SWEEP_INTERVAL_DAYS.name],
            given[STREAM_SWEEP.name],
            given[STREAM_REFRESH.name],
        )
    return found


def check_overrides(
    overrides: Mapping[str, StreamSettings],
    streams: Mapping[str, Collection],
    rolls: Callable[[str], bool],
) -> None:
    """Refuse settings of streams that do not exist, or that make no difference to them.

    Args:
        overrides: Name of a stream -> its settings.
        streams: The streams that are known without asking Keap.
        rolls: Whether a stream may be read in parts, by name.

    Raises:
        ConfigError: One is useless; the message names it.
    """
    for name, own in overrides.items():
        is_timed = name in streams and streams[name].changes.is_timed
        if name not in streams and not name.startswith(SAVED_SEARCH):
            hint = did_you_mean(name, streams) or " Correct the name."
            raise ConfigError(f"stream_settings: there is no stream {name!r}.{hint}")
        useless = "" if is_timed else own.useless(rolls=rolls(name))
        if useless:
            raise ConfigError(
                f"stream_settings: {name} is always read in full, so {useless} makes no difference. "
                "Remove it."
            )
