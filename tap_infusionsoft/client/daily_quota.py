"""How much of the day's calls the tap may use: a share, counted across runs, so that others on the key find some left."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.client.rate_limit import Quota

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from tap_infusionsoft.client.clock import Clock

KEY_CALLS = 30_000
"""Calls a day that Keap documents for an API key."""
OAUTH_CALLS = 150_000
"""Calls a day that Keap documents for an OAuth client id, over all accounts that it serves."""


@dataclass(frozen=True, slots=True)
class Share:
    """What the tap may use of a day.

    Attributes:
        part: Of the limit, 0 to 1.
        documented: Keap's limit, as long as no header has told it.
        most: Calls, whatever the limit; None for no such bound.
    """

    part: float
    documented: int
    most: int | None = None

    def calls(self, limit: int) -> int:
        """Calls a day, with this limit."""
        calls = int(self.part * limit)
        return calls if self.most is None else min(calls, self.most)


class Budget:
    """Counts the tap's own calls by day, in UTC, as Keap does.

    Keap's headers tell what everybody with the key has used together, so the tap's own use must be kept apart.
    """

    def __init__(
        self, share: Share, clock: Clock, owner: str = "", kept: MutableMapping[str, Any] | None = None
    ) -> None:
        """A budget.

        Args:
            share: What may be used.
            clock: Tells the day.
            owner: Names the credential, without telling it.
            kept: What is kept from run to run: owner -> ``{"day": "2026-11-20", "used": 12, "limit": 30000}``, without a
                limit before Keap has told it. Changed with every call.
        """
        self._share = share
        self._clock = clock
        self._owner = owner
        self._kept = {} if kept is None else kept
        self._quota = Quota.read({}, clock.now())
        self._left: int | None = None
        self._pending = 0
        self._lock = threading.Lock()
        for other in [one for one, old in self._kept.items() if one != owner and old["day"] != self._today]:
            del self._kept[other]

    @property
    def used(self) -> int:
        """The tap's own calls of this day so far."""
        own = self._own
        return own["used"] if own.get("day") == self._today else 0

    @property
    def limit(self) -> int:
        """Keap's calls a day: what it last said, or what it documents."""
        return self._own.get("limit") or self._share.documented

    @property
    def _own(self) -> dict[str, Any]:
        own: dict[str, Any] = self._kept.get(self._owner, {})
        return own

    @property
    def _today(self) -> str:
        return self._clock.now().astimezone(UTC).date().isoformat()

    def refusal(self) -> Fault | None:
        """Why no further call may be sent today, if that is so."""
        now = self._clock.now()
        with self._lock:
            is_spent = self._left is not None and self._left <= self._pending
        if is_spent and now < self._quota.resets_at:
            text = "by Keap's headers, no call of this day is left"
            return Fault(Kind.DAY_QUOTA, text, resets_at=self._quota.resets_at)
        calls = self._share.calls(self.limit)
        if self.used < calls:
            return None
        resets_at = self._quota.resets_at if self._quota.resets_at > now else Quota.read({}, now).resets_at
        text = f"the tap has used {self.used:,} calls of this day, and may use {calls:,} of Keap's {self.limit:,}"
        return Fault(Kind.DAY_SHARE, text, resets_at=resets_at)

    def count(self) -> None:
        """Count a call that is about to be sent."""
        with self._lock:
            self._pending += 1
            # Put in the place of the old one: another thread may be writing the state.
            self._kept[self._owner] = {**self._own, "day": self._today, "used": self.used + 1}

    def note(self, quota: Quota | None) -> None:
        """Learn from what an answer said about the limits; None where none came."""
        with self._lock:
            self._pending -= 1
            if quota is None:
                return
            is_new_day = self._clock.now() >= self._quota.resets_at
            left = [one for one in (None if is_new_day else self._left, quota.day_left) if one is not None]
            self._left = min(left, default=None)  # the answers of several threads come in any order
            self._quota = quota
            if quota.day_limit and self._own:
                self._kept[self._owner] = {**self._own, "limit": quota.day_limit}
