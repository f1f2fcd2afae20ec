"""How many of the day's calls we may use: a share, counted across runs, so that others find some too."""

from __future__ import annotations

import threading
from datetime import UTC, datetime  # msgspec looks it up
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.client.hour_window import HourWindow
from tap_infusionsoft.client.rate_limit import Quota

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from tap_infusionsoft.client.clock import Clock

KEY_CALLS = 30_000
"""Calls a day for an API key, as Keap documents it."""
OAUTH_CALLS = 150_000
"""Calls a day for an OAuth client id, for all of its accounts together, as Keap documents it."""


class Share(Struct, frozen=True):
    """How many calls of a day may be used.

    Attributes:
        part: Part of Keap's limit, 0 to 1.
        documented: Calls a day to assume as Keap's limit until a header says otherwise.
        most: Calls a day at most, whatever Keap's limit; None for no such maximum.
    """

    part: float
    documented: int
    most: int | None = None

    def calls(self, limit: int) -> int:
        """Return the calls a day that may be used if this is Keap's limit."""
        calls = int(self.part * limit)
        return calls if self.most is None else min(calls, self.most)

    def kind(self, limit: int) -> Kind:
        """What stops further calls when they are used, if this is Keap's limit."""
        return Kind.DAY_SHARE if self.most is None or int(self.part * limit) < self.most else Kind.DAY_MOST


class Left(Struct, frozen=True):
    """What is left of Keap's calls of a day.

    Attributes:
        left: Calls.
        limit: Calls of a whole day.
        resets_at: When they come back.
    """

    left: int
    limit: int
    resets_at: datetime


class Budget:
    """Counts our own calls by day, in UTC as Keap does, and by hour.

    Keap's headers only tell how many calls everybody with the key has used together.

    Attributes:
        hour: The calls of the last hour.
    """

    def __init__(
        self,
        share: Share,
        clock: Clock,
        owner: str = "",
        saved: MutableMapping[str, Any] | None = None,
        per_hour: int | None = None,
        per_run: int | None = None,
    ) -> None:
        """Create a budget.

        Args:
            share: How many calls may be used.
            clock: Tells the day.
            owner: A name for the credential that does not reveal it.
            saved: What is saved from run to run, by owner, such as
                ``{"day": "2026-11-20", "used": 12, "limit": 30000, "minutes": {"1763640000": 12}}``; without
                a limit until Keap has named one. Updated with every call.
            per_hour: Calls in any 60 minutes at most; None for no limit.
            per_run: Calls of this run at most; None for no limit.
        """
        self._share = share
        self._clock = clock
        self._per_run = per_run
        self._sent = 0
        self._owner = owner
        self._saved = {} if saved is None else saved
        self._quota = Quota.read({}, clock.now())
        self._left: int | None = None
        self._pending = 0
        self._lock = threading.Lock()
        self.hour = HourWindow(per_hour, clock, self._own.get("minutes"))
        for other in [one for one, old in self._saved.items() if one != owner and old["day"] != self._today]:
            del self._saved[other]

    @property
    def used(self) -> int:
        """Our own calls today so far."""
        own = self._own
        return own["used"] if own.get("day") == self._today else 0

    @property
    def limit(self) -> int:
        """Keap's limit of calls a day: what it last said, or what it documents."""
        return self._own.get("limit") or self._share.documented

    @property
    def left(self) -> Left | None:
        """What Keap says is left of the day's calls; None if it has not said so."""
        if self._left is None or not self._quota.day_limit:
            return None
        return Left(max(self._left - self._pending, 0), self._quota.day_limit, self._quota.resets_at)

    @property
    def _own(self) -> dict[str, Any]:
        own: dict[str, Any] = self._saved.get(self._owner, {})
        return own

    @property
    def _today(self) -> str:
        return self._clock.now().astimezone(UTC).date().isoformat()

    @property
    def left_today(self) -> int:
        """Calls that may be sent today, by all runs, as far as is known."""
        calls = self._share.calls(self.limit) - self.used
        return calls if self._left is None else min(calls, self._left - self._pending)

    @property
    def next_run(self) -> tuple[int, Kind]:
        """Calls that a run may send today that does not know of this one, and what stops it then."""
        calls = self._share.calls(self.limit) - self.used + min(self._sent, self.used)
        if self._left is not None and self._left - self._pending < calls:
            return self._left - self._pending, Kind.DAY_QUOTA
        return calls, self._share.kind(self.limit)

    @property
    def calls_left(self) -> float:
        """Calls that may be sent today, in this run, as far as is known."""
        left = self.left_today
        return left if self._per_run is None else min(left, self._per_run - self._sent)

    def refusal(self) -> Fault | None:
        """Return why no further call may be sent today, or in this run; None if one may."""
        if self._per_run is not None and self._sent >= self._per_run:
            return Fault(Kind.CALLS_SPENT, f"the {self._per_run:,} calls that this run may make are used up")
        now = self._clock.now()
        with self._lock:
            is_spent = self._left is not None and self._left <= self._pending
        if is_spent and now < self._quota.resets_at:
            text = "according to Keap's headers, no call of this day is left"
            return Fault(Kind.DAY_QUOTA, text, resets_at=self._quota.resets_at)
        calls = self._share.calls(self.limit)
        if self.used < calls:
            return None
        resets_at = self._quota.resets_at if self._quota.resets_at > now else Quota.read({}, now).resets_at
        kind = self._share.kind(self.limit)
        whose = f" of Keap's {self.limit:,}" if kind is Kind.DAY_SHARE else ""
        text = f"calls used today: {self.used:,}; no more than {calls:,}{whose} may be used"
        return Fault(kind, text, resets_at=resets_at)

    def count(self) -> None:
        """Count a call that is about to be sent."""
        with self._lock:
            self._pending += 1
            self._sent += 1
            # Replace the entry instead of changing it: another thread may be writing it out.
            counted = {"day": self._today, "used": self.used + 1, "minutes": self.hour.count()}
            self._saved[self._owner] = {**self._own, **counted}

    def note(self, quota: Quota | None) -> None:
        """Learn from an answer.

        Args:
            quota: What it says about the limits; None if there was no answer.
        """
        with self._lock:
            self._pending -= 1
            if quota is None:
                return
            is_new_day = self._clock.now() >= self._quota.resets_at
            left = [one for one in (None if is_new_day else self._left, quota.day_left) if one is not None]
            self._left = min(left, default=None)  # answers to several calls in flight arrive in any order
            self._quota = quota
            if quota.day_limit and self._own:
                self._saved[self._owner] = {**self._own, "limit": quota.day_limit}
