"""How fast the tap calls Keap: its own pace, corrected by what the quota headers say.

The headers, all in lower case since October 2022: ``x-keap-product-quota-*`` (day),
``x-keap-product-throttle-*`` (rolling minute), ``x-keap-tenant-throttle-*`` (whole account; since 2026 two
windows in one value, as in ``9999|249999``) and ``x-keap-product-spike-limit`` (``10ps``). Values may be
blank, which means unknown and never zero. Source: Keap's quota page and captured answers.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.client.clock import Clock

MINUTE = 60.0
LONGEST_WINDOW = 65.0
"""Seconds; a rolling minute never asks for more."""
SLOW_FOR = 600.0
"""Seconds for which the pace stays halved after a spike."""
_FURTHEST_RESET = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Quota:
    """What one answer said about the limits; None where it said nothing.

    Attributes:
        per_second: Calls a second before Keap's spike arrest acts.
        minute_limit: Calls in a rolling minute, the tightest of key and account.
        minute_left: Calls left in this minute, the least of key and account.
        day_limit: Calls in a day, UTC.
        day_left: Calls left today, the least of key and account.
        resets_at: When the day's calls are given anew.
        retry_after: Seconds that the server asks to wait.
    """

    per_second: float | None
    minute_limit: int | None
    minute_left: int | None
    day_limit: int | None
    day_left: int | None
    resets_at: datetime
    retry_after: float | None

    @property
    def day_is_spent(self) -> bool:
        """Whether no call of the day is left."""
        return self.day_left == 0

    @property
    def minute_is_spent(self) -> bool:
        """Whether no call of this minute is left."""
        return self.minute_left == 0

    @classmethod
    def read(cls, headers: Mapping[str, str], now: datetime) -> Quota:
        """Read the limits from headers with names in lower case."""
        limits = _windows(headers, "limit")
        left = _windows(headers, "available")
        spike = re.match(r"\s*([0-9]{1,9})", headers.get("x-keap-product-spike-limit", ""))
        return cls(
            per_second=float(spike[1]) if spike else None,
            minute_limit=min(limits["minute"], default=None),
            minute_left=min(left["minute"], default=None),
            day_limit=min(limits["day"], default=None),
            day_left=min(left["day"], default=None),
            resets_at=_reset(headers.get("x-keap-product-quota-expiry-time", ""), now),
            retry_after=_retry_after(headers.get("retry-after", ""), now),
        )


def _windows(headers: Mapping[str, str], member: str) -> dict[str, list[int]]:
    """The values of one member by time unit, over the three families of headers."""
    found: dict[str, list[int]] = {"minute": [], "day": []}
    families = (
        ("x-keap-product-quota", "day"),
        ("x-keap-product-throttle", "minute"),
        ("x-keap-tenant-throttle", "minute"),
    )
    for family, usual in families:
        values = headers.get(f"{family}-{member}", "").split("|")
        units = headers.get(f"{family}-time-unit", "").split("|")
        for place, value in enumerate(values):
            unit = units[place].strip().lower() if place < len(units) else ""
            if not unit:
                unit = usual if place == 0 else "day"
            if unit in found and re.fullmatch(r"\s*-?[0-9]{1,18}\s*", value):
                found[unit].append(max(int(value), 0))
    return found


def _reset(expiry: str, now: datetime) -> datetime:
    """The moment of ``expiry``, epoch milliseconds or seconds; next midnight UTC where it makes no sense.

    Captures show milliseconds, Keap's page an example that is neither.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if re.fullmatch(r"\s*[0-9]{1,15}\s*", expiry):
        for scale in (1000, 1):
            try:
                moment = datetime.fromtimestamp(int(expiry) / scale, UTC)
            except (ValueError, OverflowError, OSError):
                continue
            if timedelta(0) < moment - now <= _FURTHEST_RESET:
                return moment
    return midnight


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds of a Retry-After header, which may also be a date; None where it cannot be read."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # rarely needed

    if re.fullmatch(r"\s*[0-9]{1,12}(\.[0-9]{1,9})?\s*", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        return max((moment.astimezone(UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None


class Pacer:
    """Spaces calls evenly and keeps them below the limits that the headers tell."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._own = per_second
        self._clock = clock
        self._quota: Quota | None = None
        self._sent: deque[float] = deque()
        self._slow_until = float("-inf")
        self._not_before = float("-inf")

    @property
    def per_second(self) -> float:
        """Calls a second at this moment."""
        rate = self._own
        if self._quota and self._quota.per_second:
            rate = min(rate, self._quota.per_second)
        return rate / 2 if self._clock.monotonic() < self._slow_until else rate

    def wait(self) -> None:
        """Return when the next call may be sent, and count it as sent."""
        now = self._clock.monotonic()
        due = max(self._not_before, (self._sent[-1] + 1 / self.per_second) if self._sent else now)
        limit = self._quota.minute_limit if self._quota else None
        if limit and len(self._sent) >= limit:
            due = max(due, self._sent[-limit] + MINUTE)
        if due > now:
            self._clock.sleep(due - now)
        self._sent.append(self._clock.monotonic())
        while self._sent and self._sent[0] <= self._sent[-1] - MINUTE:
            self._sent.popleft()

    def note(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer."""
        quota = Quota.read(headers, self._clock.now())
        self._quota = quota
        if quota.minute_is_spent:
            self._not_before = self._clock.monotonic() + self.window_left()

    def slow_down(self) -> None:
        """Halve the pace for ten minutes, after Keap saw a spike."""
        self._slow_until = self._clock.monotonic() + SLOW_FOR

    def window_left(self) -> float:
        """Seconds until the oldest call of the last minute leaves Keap's rolling window, 1 to 65."""
        now = self._clock.monotonic()
        oldest = next((sent for sent in self._sent if sent > now - MINUTE), now)
        return min(max(oldest + MINUTE - now, 1.0), LONGEST_WINDOW)
