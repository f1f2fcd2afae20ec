"""How long the calls of a run take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tap_infusionsoft.client.hour_window import HOUR

if TYPE_CHECKING:
    from tap_infusionsoft.config.settings import Settings


def seconds(calls: int, settings: Settings, hour_left: float, latency: float) -> float:
    """About how many seconds calls take at the pace of the settings.

    Args:
        calls: Calls.
        settings: The settings.
        hour_left: Calls that the hour still has now; infinite without a limit.
        latency: Seconds that an answer takes.
    """
    minute = settings.requests_per_minute or settings.documented_per_minute * 0.9
    space = max(1 / settings.requests_per_second, 60 / minute, latency / settings.concurrency)
    if calls <= hour_left:
        return calls * space
    # What is beyond the hour waits until the calls of the hour before have left it; then pace is full again.
    beyond, each = calls - hour_left, settings.requests_per_hour
    hours = math.ceil(beyond / each)
    return max(calls * space, hours * HOUR + (beyond - (hours - 1) * each) * space)
