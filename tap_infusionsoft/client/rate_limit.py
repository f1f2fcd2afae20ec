"""How fast to call Keap: our own pace, slowed down by what the quota headers say.

The headers, all in lower case since October 2022, are ``x-keap-product-quota-*`` (day),
``x-keap-product-throttle-*`` (rolling minute), ``x-keap-tenant-throttle-*`` (the whole account; since 2026
two windows in one value, as in ``9999|249999``) and ``x-keap-product-spike-limit`` (``10ps``). A value may be
blank, which means unknown, never zero.
Sources: Keap's quota page and captured answers.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.client.hour_window import HOUR, HourWindow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.client.clock import Clock

KEY_PER_MINUTE = 240
"""Calls in a rolling minute for an API key, as Keap documents it."""
OAUTH_PER_MINUTE = 1500
"""Calls in a rolling minute for an OAuth client id, as Keap documents it."""
MINUTE = 60.0
LONGEST_WINDOW = 65.0
"""Seconds. A rolling minute never takes longer."""
SLOW_FOR = 600.0
"""Seconds for which the pace stays reduced after a spike."""
_SLOWEST = 8
"""The pace is divided by this at most."""
_FURTHEST_RESET = timedelta(hours=25)
_ALMOST = 0.99
"""Share of the allowed pace. Calls spaced exactly would now and then put one too many into a second."""
_LATE = 1 - _ALMOST
"""Seconds that a wait may end too late at no cost: the next call is due as if it had ended in time."""
_LEFT_TO_OTHERS = 0.1
"""Share of a minute."""
_STRAY = 0.02
"""Share of a minute that others may use before we slow down: part of what is left to them anyway."""


class Quota(Struct, frozen=True):
    """What one answer says about the limits; None where it says nothing.

    Attributes:
        per_second: Calls a second that Keap's spike arrest allows.
        minute_limit: Calls in a rolling minute, the tighter limit of key and account.
        minute_left: Calls left in this minute, the smaller number of key and account.
        day_limit: Calls in a day (UTC), the tighter limit of key and account; None without the key's.
        day_left: Calls left today, the smaller number of key and account.
        day_used: Calls that everybody with the key has made today.
        resets_at: When the day's calls are reset.
        retry_after: Seconds that the server asks us to wait.
    """

    per_second: float | None
    minute_limit: int | None
    minute_left: int | None
    day_limit: int | None
    day_left: int | None
    day_used: int | None
    resets_at: datetime
    retry_after: float | None

    @property
    def day_is_spent(self) -> bool:
        """Whether no calls are left today."""
        return self.day_left == 0

    @property
    def minute_is_spent(self) -> bool:
        """Whether no calls are left in this minute."""
        return self.minute_left == 0

    @classmethod
    def read(cls, headers: Mapping[str, str], now: datetime) -> Quota:
        """Read the limits from the headers of an answer.

        Args:
            headers: The headers, with names in lower case.
            now: The current time.
        """
        limits = _windows(headers, "limit")
        left = _windows(headers, "available")
        own_limits = _windows(headers, "limit", _FAMILIES[:1])["day"]
        own_left = _windows(headers, "available", _FAMILIES[:1])["day"]
        spike = re.match(r"\s*([0-9]{1,9})", headers.get("x-keap-product-spike-limit", ""))
        return cls(
            per_second=float(spike[1]) if spike else None,
            minute_limit=min(limits["minute"], default=None),
            minute_left=min(left["minute"], default=None),
            day_limit=min(limits["day"]) if own_limits else None,
            day_left=min(left["day"], default=None),
            day_used=max(own_limits[0] - own_left[0], 0) if own_limits and own_left else None,
            resets_at=_reset(headers.get("x-keap-product-quota-expiry-time", ""), now),
            retry_after=_retry_after(headers.get("retry-after", ""), now),
        )


_FAMILIES = (
    ("x-keap-product-quota", "day"),
    ("x-keap-product-throttle", "minute"),
    ("x-keap-tenant-throttle", "minute"),
)
"""How the names of the headers of each limit begin, that of the key first, and its usual time unit."""
_COUNT = re.compile(r"\s*-?[0-9]{1,18}\s*")


def _windows(
    headers: Mapping[str, str], member: str, families: tuple[tuple[str, str], ...] = _FAMILIES
) -> dict[str, list[int]]:
    """Return the values of one member (``limit``, ``available``) in families of headers, by time unit."""
    found: dict[str, list[int]] = {"minute": [], "day": []}
    for family, usual in families:
        values = headers.get(f"{family}-{member}", "").split("|")
        units = headers.get(f"{family}-time-unit", "").split("|")
        for index, value in enumerate(values):
            unit = units[index].strip().lower() if index < len(units) else ""
            if not unit:
                unit = usual if index == 0 else "day"
            if unit in found and _COUNT.fullmatch(value):
                found[unit].append(max(int(value), 0))
    return found


def _reset(expiry: str, now: datetime) -> datetime:
    """Return when the day's calls are reset.

    Args:
        expiry: The header: epoch milliseconds in captured answers; the example on Keap's page is neither
            milliseconds nor seconds.
        now: The current time.

    Returns:
        The time in the header, in milliseconds or seconds; the next midnight UTC if it makes no sense.
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
    """Return the seconds of a Retry-After header, which may also be a date; None if it cannot be read."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # rarely needed

    number = value.strip()  # removes more characters than `float` does
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", number):
        return float(number)
    try:
        moment = parsedate_to_datetime(value)
        return max((moment.astimezone(UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None


class Held(Struct, frozen=True):
    """A call that is held back to keep a limit.

    Attributes:
        until: When it may be sent, on the monotonic clock.
        is_for_hour: Whether the hour's calls are used up, rather than those of a minute or second.
    """

    until: float
    is_for_hour: bool


class Pacer:
    """Spaces calls evenly, and keeps them below our own limits and those in the headers.

    Others may use the same key, such as a second client. With these rules, each finds room and leaves some:

    - We send a little less than half of the calls that Keap allows in a second, so two clients fit in.
    - We never use the last tenth of Keap's minute, so that others can start.
    - When others use the key, we spread the calls that are left over the next minute. If all do so, all slow
      down together, and nobody runs into the limit.

    Attributes:
        held: The call that is held back at this moment, or was last.
    """

    def __init__(
        self,
        per_second: float,
        clock: Clock,
        per_minute: int | None = None,
        hour: HourWindow | None = None,
        documented: int | None = None,
    ) -> None:
        """Create a pacer.

        Args:
            per_second: Calls a second at most.
            clock: Measures and spends the waits.
            per_minute: Calls in any 60 seconds at most; None to leave the limit to Keap.
            hour: Limits the calls in any 60 minutes.
            documented: Calls in a rolling minute to assume as Keap's limit until a header says otherwise, if
                we have no limit of our own.
        """
        self._own = per_second
        self._per_minute = per_minute
        self._hour = hour or HourWindow(None, clock)
        self._documented = documented
        self._clock = clock
        self._quota: Quota | None = None
        self._sent: deque[float] = deque()
        self._last = float("-inf")  # when the last call was due, or up to _LATE before it was sent
        self._is_shared = False
        self._slowness = 2
        self._slow_until = float("-inf")
        self._not_before = float("-inf")
        self._noted = float("-inf")
        self._slowed = float("-inf")
        self._lock = threading.Lock()
        self.held: Held | None = None

    @property
    def per_second(self) -> float:
        """Calls a second at the current pace."""
        rate = self._own
        if self._quota and self._quota.per_second:
            rate = min(rate, _ALMOST * max(self._quota.per_second // 2, 0.5))
        return rate / self._slowness if self._clock.monotonic() < self._slow_until else rate

    @property
    def per_minute(self) -> int | None:
        """Calls in any 60 seconds at the current pace; None for no limit."""
        limits = [self._per_minute] if self._per_minute else []
        keaps = self._quota.minute_limit if self._quota else None
        if not limits:
            keaps = keaps or self._documented
        if keaps:
            limits.append(max(int(keaps * (1 - _LEFT_TO_OTHERS)), 1))
        return min(limits, default=None)

    @property
    def seconds_between(self) -> float:
        """Seconds between two calls in the next minutes, at the current pace."""
        per_minute, per_hour = self.per_minute, self._hour.most
        space = max(self._space, MINUTE / per_minute if per_minute else 0)
        is_short = per_hour is not None and self._hour.calls_left * space < MINUTE
        return max(space, HOUR / per_hour) if per_hour and is_short else space

    @property
    def hour_wait(self) -> float:
        """Seconds until the hour has room for another call; 0 if it has."""
        return self._hour.seconds_to_wait

    def wait(self) -> float:
        """Wait until the next call may be sent, and count it as sent. One thread may wait at a time.

        Returns:
            When it was sent, on the monotonic clock.
        """
        waited = float("-inf")
        # An answer that arrives during the wait may make it longer.
        while (due := self.due) > max(waited, now := self._clock.monotonic()):
            self.held = Held(due, self._hour.seconds_to_wait > 0)
            self._clock.sleep(due - now)
            waited = due
        with self._lock:
            sent = self._clock.monotonic()
            self._sent.append(sent)
            has_waited = waited > self._last
            self._last = max(waited, sent - _LATE) if has_waited else sent
            self._forget()
        return sent

    @property
    def due(self) -> float:
        """Return when the next call may be sent, on the monotonic clock."""
        with self._lock:
            due = max(self._not_before, self._last + self._space)
            limit = self.per_minute
            if limit and len(self._sent) >= limit:
                due = max(due, self._sent[-limit] + MINUTE)
        wait = self._hour.seconds_to_wait
        return max(due, self._clock.monotonic() + wait) if wait else due

    @property
    def _space(self) -> float:
        """Seconds between two calls that follow each other."""
        space = 1 / self.per_second
        left = self._quota.minute_left if self._quota and self._is_shared else None
        return max(space, MINUTE / left) if left else space

    def _forget(self) -> None:
        """Forget calls that are a minute old or older."""
        now = self._clock.monotonic()
        while self._sent and self._sent[0] <= now - MINUTE:
            self._sent.popleft()

    def note(self, headers: Mapping[str, str], sent: float | None = None) -> Quota:
        """Learn from the headers of an answer.

        Args:
            headers: The headers, with names in lower case.
            sent: When the call was sent, on the monotonic clock; None for just now. With several calls in
                flight, answers arrive in any order.

        Returns:
            What the headers say.
        """
        quota = Quota.read(headers, self._clock.now())
        sent = self._clock.monotonic() if sent is None else sent
        self._hour.note(quota.day_used)
        with self._lock:
            self._forget()
            if quota.minute_is_spent:
                self._not_before = self._clock.monotonic() + self._window_left()
            if sent >= self._noted:
                self._noted, self._quota, self._is_shared = sent, quota, self._sees_others(quota, sent)
        return quota

    def _sees_others(self, quota: Quota, sent: float) -> bool:
        """Return whether others use the key too, judging by the answer to a call sent at that time."""
        if quota.minute_limit is None or quota.minute_left is None:
            return False
        own = len(self._sent) - sum(1 for _ in takewhile(lambda one: one > sent, reversed(self._sent)))
        others = quota.minute_limit - quota.minute_left - own
        return others > quota.minute_limit * _STRAY

    def slow_down(self, sent: float = float("inf")) -> None:
        """Halve the pace for ten minutes, after Keap saw a spike; further spikes reduce it to an eighth.

        Args:
            sent: When the refused call was sent, on the monotonic clock. One spike counts once, however many
                calls it refused.
        """
        with self._lock:
            now = self._clock.monotonic()
            if sent > self._slowed:
                self._slowness = min(self._slowness * 2, _SLOWEST) if now < self._slow_until else 2
                self._slow_until = now + SLOW_FOR
                self._slowed = now

    def window_left(self) -> float:
        """Return the seconds until the oldest call leaves Keap's rolling minute: 1 to 65."""
        with self._lock:
            return self._window_left()

    def _window_left(self) -> float:
        now = self._clock.monotonic()
        oldest = next((sent for sent in self._sent if sent > now - MINUTE), now)
        return min(max(oldest + MINUTE - now, 1.0), LONGEST_WINDOW)
