"""Keap's limits: calls per second, per rolling minute, per UTC day, and those of the tenant."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

from keap_sandbox.responses import Response, gateway_fault, html_page, json_response

if TYPE_CHECKING:
    from keap_sandbox.switches import Switches

__all__ = ["Limit", "Quota", "add_retry_after", "throttled"]

_DAY = 86_400
_PLENTY = 1_000_000


@dataclass(frozen=True)
class Limit:
    """The limits of one credential; 0 = none."""

    second: int
    minute: int
    day: int


class _Windows:
    """The calls of one pool."""

    def __init__(self) -> None:
        self.recent: deque[float] = deque()
        self.day = 0
        self.used = 0

    def tidy(self, now: float) -> None:
        """Forget what lies outside of the windows."""
        while self.recent and self.recent[0] <= now - 60:
            self.recent.popleft()
        if self.recent and self.recent[-1] > now:
            self.recent.clear()  # the clock was set back
        if int(now // _DAY) != self.day:
            self.day, self.used = int(now // _DAY), 0

    def last_second(self, now: float) -> int:
        """Calls within the last second."""
        count = 0
        for moment in reversed(self.recent):
            if moment <= now - 1:
                break
            count += 1
        return count

    def count(self, now: float) -> None:
        """One more call."""
        self.recent.append(now)
        self.used += 1


class Quota:
    """Counts calls and says no."""

    def __init__(self) -> None:
        self._pools: dict[str, _Windows] = {}
        self._tenant = _Windows()

    @staticmethod
    def limits(kind: str, switches: Switches) -> Limit:
        """The limits in force for a kind of credential."""
        documented = Limit(25, 1500, 150_000) if kind == "oauth" else Limit(10, 240, 30_000)
        if switches.limits == "off":
            documented = Limit(0, 0, 0)

        def one(value: int, default: int) -> int:
            return default if value < 0 else value

        return Limit(
            one(switches.second_limit, documented.second),
            one(switches.minute_limit, documented.minute),
            one(switches.day_limit, documented.day),
        )

    def admit(self, kind: str, now: float, switches: Switches) -> Response | None:
        """Count a call, or refuse it; a refused call is not counted."""
        pool, tenant = self._pools.setdefault(kind, _Windows()), self._tenant
        pool.tidy(now)
        tenant.tidy(now)
        limit = self.limits(kind, switches)
        off = switches.limits == "off"
        tenant_day = 0 if off else switches.tenant_day_limit
        tenant_minute = 0 if off else switches.tenant_minute_limit
        refused = None
        if (limit.day and pool.used >= limit.day) or (tenant_day and tenant.used >= tenant_day):
            refused = "day"
        elif (limit.minute and len(pool.recent) >= limit.minute) or (
            tenant_minute and len(tenant.recent) >= tenant_minute
        ):
            refused = "minute"
        elif limit.second and pool.last_second(now) >= limit.second:
            refused = "second"
        if refused:
            return throttled(refused, limit.second, now, switches)
        pool.count(now)
        tenant.count(now)
        return None

    def headers(self, kind: str | None, now: float, switches: Switches, gone: str = "") -> dict[str, str]:
        """The headers on every answer; blank without a credential. `gone` shows a window as used up."""
        if switches.quota_headers == "absent":
            return {}
        blank = kind is None or switches.quota_headers == "blank"
        pool = self._pools.setdefault(kind or "nobody", _Windows())
        pool.tidy(now)
        self._tenant.tidy(now)
        limit = self.limits(kind or "key", switches)
        # Headers name a limit even where the sandbox has none: one that nobody who paces himself will feel
        shown = Limit(limit.second or 1000, limit.minute or _PLENTY, limit.day or _PLENTY)
        off = switches.limits == "off"
        headers = {"x-keap-product-spike-limit": f"{shown.second}ps", "x-keap-tenant-id": switches.tenant}
        headers |= _family(
            "product-throttle", shown.minute, "minute", shown.minute if gone == "minute" else len(pool.recent)
        )
        headers |= _family("product-quota", shown.day, "day", shown.day if gone == "day" else pool.used)
        headers["x-keap-product-quota-expiry-time"] = _expiry(now, switches)
        minute = _PLENTY if off else switches.tenant_minute_limit or _PLENTY
        day = _PLENTY if off else switches.tenant_day_limit or _PLENTY
        tenant = _family(
            "tenant-throttle",
            minute,
            "minute",
            minute if gone == "tenant_minute" else len(self._tenant.recent),
        )
        if switches.quota_headers != "plain":
            daily = _family("tenant-throttle", day, "day", day if gone == "tenant_day" else self._tenant.used)
            tenant = {name: f"{value}|{daily[name]}" for name, value in tenant.items()}
        headers |= tenant
        if blank:
            return {name: "|" if name.startswith("x-keap-tenant-throttle") else "" for name in headers}
        return headers

    def status(self) -> dict[str, dict[str, int]]:
        """What was counted, for the control paths."""
        return {
            name: {"minute": len(pool.recent), "day": pool.used} for name, pool in self._pools.items()
        } | {"tenant": {"minute": len(self._tenant.recent), "day": self._tenant.used}}


def _family(name: str, limit: int, unit: str, used: int) -> dict[str, str]:
    values = {
        "limit": limit,
        "time-unit": unit,
        "interval": 1,
        "available": max(0, limit - used),
        "used": used,
    }
    return {f"x-keap-{name}-{key}": str(value) for key, value in values.items()}


def _expiry(now: float, switches: Switches) -> str:
    midnight = (int(now // _DAY) + 1) * _DAY
    return {"ms": str(midnight * 1000), "s": str(midnight), "nonsense": "158663200"}[switches.expiry_time]


def throttled(window: str, second: int, now: float, switches: Switches) -> Response:
    """The answer to a call over a limit: `second`, `minute` or `day`."""
    status = switches.throttle_status
    if switches.throttle_shape == "app":
        answer = quota_exceeded_app()
    elif switches.throttle_shape == "html":
        answer = html_page(status, "Too Many Requests", "Please try again later.")
    elif switches.throttle_shape == "blank":
        answer = Response(status, b"", None)
    elif window == "second":
        answer = spike_arrest(status, second or 10)
    else:
        answer = quota_violation(status)
    add_retry_after(answer, window, now, switches)
    return answer


def add_retry_after(answer: Response, window: str, now: float, switches: Switches) -> None:
    """Say when to come back, in the form that the switch chooses."""
    wait = {"second": 1, "minute": 60, "day": _DAY - int(now % _DAY)}[window]
    forms = {"seconds": str(wait), "date": formatdate(now + wait, usegmt=True), "absurd": "999999999"}
    if switches.retry_after != "absent":
        answer.headers["retry-after"] = forms[switches.retry_after]


def quota_violation(status: int = 429) -> Response:
    """The gateway's quota fault; the two blanks are Keap's."""
    text = "Rate limit quota violation. Quota limit  exceeded. Identifier : sandbox-client-id"
    return gateway_fault(status, text, "policies.ratelimit.QuotaViolation")


def spike_arrest(status: int = 429, second: int = 25) -> Response:
    """The gateway's spike fault."""
    text = (
        f"Spike arrest violation. Allowed rate : MessageRate{{messagesPerPeriod={second}, "
        "periodInMicroseconds=6000000, maxBurstMessageCount=1.0}"
    )
    return gateway_fault(status, text, "policies.ratelimit.SpikeArrestViolation")


def quota_exceeded_app() -> Response:
    """The application's own form; its code is a text."""
    body = {"code": "429", "message": "Quota Exceeded", "status": "Request Throttled", "details": None}
    return json_response(body, 429)
