"""Runs the tap that this Python has installed, some days from now: `on_day.py DAYS OPTION...`.

Only what it takes for the current time moves; waits and the pace are real.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from unittest import mock

from tap_infusionsoft import tap
from tap_infusionsoft.__main__ import main
from tap_infusionsoft.client.clock import SystemClock

DAYS = timedelta(days=float(sys.argv.pop(1)))


class _MovedClock(SystemClock):
    """The machine's clock, some days later."""

    def now(self) -> datetime:
        """Return the time on that day, in UTC."""
        return super().now() + DAYS


with mock.patch.object(tap, "SystemClock", _MovedClock):
    main()
