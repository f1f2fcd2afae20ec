"""How fast the tap calls Keap: its own pace, corrected by what the quota headers say.

The headers, all in lower case since October 2022: ``x-keap-product-quota-*`` (day),
``x-keap-product-throttle-*`` (rolling minute), ``x-keap-tenant-throttle-*`` (whole account; since 2026 two
windows in one value, as in ``9999|249999``) and ``x-keap-product-spike-limit`` (``10ps``). Values may be
blank, which means unknown and never zero. Source: Keap's quota page and captured answers.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.client.clock import Clock

MINUTE = 60.0
LONGEST_WINDOW = 65.0
"""Seconds; a rolling minute never asks for more."""
SLOW_FOR = 600.0
"""Seconds for which the pace stays halved after a spike."""
_SLOWEST = 8
_FURTHEST_RESET = timedelta(hours=25)
_ALMOST = 0.99
"""Calls that are spaced exactly would put one more into a second, now and then."""
_LATE = 1 - _ALMOST
"""Seconds by which a wait may end too late without a loss: the next call is due as if it had ended in time."""
_LEFT_TO_OTHERS = 0.1
"""Share of a minute."""
_STRAY = 0.02
"""Share of a minute that others may use before the tap slows down for them: part of what is left to them anyway."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What one answer said about the limits; None where it said nothing.

    Attributes:
        per_second: Calls a second before Keap's spike arrest acts.
        minute_limit: Calls in a rolling minute, the tightest of key and account.
        minute_left: Calls left in this minute, the least of key and account.
        day_limit: Calls in a day, UTC, the tightest of key and account; that of the account alone says nothing.
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
        own = {name: value for name, value in headers.items() if name.startswith("x-keap-product-quota-")}
        spike = re.match(r"\s*([0-9]{1,9})", headers.get("x-keap-product-spike-limit", ""))
        return cls(
            per_second=float(spike[1]) if spike else None,
            minute_limit=min(limits["minute"], default=None),
            minute_left=min(left["minute"], default=None),
            day_limit=min(limits["day"]) if _windows(own, "limit")["day"] else None,
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

    number = value.strip()  # of more than `float` would
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", number):
        return float(number)
    try:
        moment = parsedate_to_datetime(value)
        return max((moment.astimezone(UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None


class Pacer:
    """Spaces calls evenly, and keeps them below what is set and what the headers allow.

    Others may use the same key, another tap for one: whoever keeps these rules finds room, and leaves it.

    - A call a second less than half of what Keap takes: two taps together stay below it.
    - A tenth of Keap's minute is never used, for others to begin with.
    - Where others do use the key, the calls that are left are spread over the next minute. As all do the same, all slow
      down together, and nobody meets the limit.
    """

    def __init__(self, per_second: float, clock: Clock, per_minute: int | None = None) -> None:
        """A pacer.

        Args:
            per_second: Most calls a second.
            clock: Measures and waits.
            per_minute: Most calls in any 60 seconds; None for no bound of the tap's own.
        """
        self._own = per_second
        self._per_minute = per_minute
        self._clock = clock
        self._quota: Quota | None = None
        self._sent: deque[float] = deque()
        self._last = float("-inf")  # when the last call was due, or little before it was sent
        self._is_shared = False
        self._slowness = 2
        self._slow_until = float("-inf")
        self._not_before = float("-inf")
        self._noted = float("-inf")
        self._slowed = float("-inf")
        self._lock = threading.Lock()

    @property
    def per_second(self) -> float:
        """Calls a second at this moment."""
        rate = self._own
        if self._quota and self._quota.per_second:
            rate = min(rate, _ALMOST * max(self._quota.per_second // 2, 0.5))
        return rate / self._slowness if self._clock.monotonic() < self._slow_until else rate

    @property
    def per_minute(self) -> int | None:
        """Calls in any 60 seconds at this moment; None for no bound."""
        limits = [self._per_minute] if self._per_minute else []
        if self._quota and self._quota.minute_limit:
            limits.append(max(int(self._quota.minute_limit * (1 - _LEFT_TO_OTHERS)), 1))
        return min(limits, default=None)

    @property
    def seconds_between(self) -> float:
        """Seconds between two calls in the long run, at this moment."""
        per_minute = self.per_minute
        return max(self._space, MINUTE / per_minute if per_minute else 0)

    def wait(self) -> float:
        """Wait until the next call may be sent, and count it as sent. For one thread at a time.

        Returns:
            When that was, as a reading of the monotonic clock.
        """
        waited = float("-inf")
        # Answers that come meanwhile may put it off.
        while (due := self._due()) > max(waited, now := self._clock.monotonic()):
            self._clock.sleep(due - now)
            waited = due
        with self._lock:
            sent = self._clock.monotonic()
            self._sent.append(sent)
            has_waited = waited > self._last
            self._last = max(waited, sent - _LATE) if has_waited else sent
            self._forget()
        return sent

    def _due(self) -> float:
        """When the next call may be sent."""
        with self._lock:
            due = max(self._not_before, self._last + self._space)
            limit = self.per_minute
            if limit and len(self._sent) >= limit:
                due = max(due, self._sent[-limit] + MINUTE)
            return due

    @property
    def _space(self) -> float:
        """Seconds between two calls."""
        space = 1 / self.per_second
        left = self._quota.minute_left if self._quota and self._is_shared else None
        return max(space, MINUTE / left) if left else space

    def _forget(self) -> None:
        """Forget calls that are a minute old."""
        now = self._clock.monotonic()
        while self._sent and self._sent[0] <= now - MINUTE:
            self._sent.popleft()

    def note(self, headers: Mapping[str, str], sent: float | None = None) -> Quota:
        """Learn from the headers of an answer, and return what they say.

        Args:
            headers: The headers.
            sent: When its call was sent, where others may have been sent since; answers come in any order.
        """
        quota = Quota.read(headers, self._clock.now())
        sent = self._clock.monotonic() if sent is None else sent
        with self._lock:
            self._forget()
            if quota.minute_is_spent:
                self._not_before = self._clock.monotonic() + self._window_left()
            if sent >= self._noted:
                self._noted, self._quota, self._is_shared = sent, quota, self._sees_others(quota, sent)
        return quota

    def _sees_others(self, quota: Quota, sent: float) -> bool:
        """Whether others have used the key, by what was said to a call that was sent at that time."""
        if quota.minute_limit is None or quota.minute_left is None:
            return False
        own = len(self._sent) - sum(1 for _ in takewhile(lambda one: one > sent, reversed(self._sent)))
        others = quota.minute_limit - quota.minute_left - own
        return others > quota.minute_limit * _STRAY

    def slow_down(self, sent: float = float("inf")) -> None:
        """Halve the pace for ten minutes, after Keap saw a spike; again after the next one, three times at most.

        Args:
            sent: When the call was sent that Keap refused; those of one spike count once.
        """
        with self._lock:
            now = self._clock.monotonic()
            if sent > self._slowed:
                self._slowness = min(self._slowness * 2, _SLOWEST) if now < self._slow_until else 2
                self._slow_until = now + SLOW_FOR
                self._slowed = now

    def window_left(self) -> float:
        """Seconds until the oldest call of the last minute leaves Keap's rolling window, 1 to 65."""
        with self._lock:
            return self._window_left()

    def _window_left(self) -> float:
        now = self._clock.monotonic()
        oldest = next((sent for sent in self._sent if sent > now - MINUTE), now)
        return min(max(oldest + MINUTE - now, 1.0), LONGEST_WINDOW)
