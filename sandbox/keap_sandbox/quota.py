"""Keap's limits: calls per second, rolling minute and UTC day, for each kind of credential and the tenant."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Literal

from keap_sandbox.responses import Response, gateway_fault, html_page, json_response

if TYPE_CHECKING:
    from keap_sandbox.switches import Switches

__all__ = ["CredentialKind", "Limits", "Quota", "add_retry_after", "throttled"]

CredentialKind = Literal["key", "oauth"]
"""Keap grants an API key other limits than an OAuth access token."""

_DAY = 86_400
_UNREACHABLE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """The number of calls that one credential may make; 0 means no limit."""

    second: int
    minute: int
    day: int


class _Counter:
    """Counts the calls of one kind of credential, or of the tenant."""

    def __init__(self) -> None:
        self.last_minute: deque[float] = deque()
        self.day = 0
        self.today = 0

    def expire(self, now: float) -> None:
        """Drop calls that are older than the windows."""
        while self.last_minute and self.last_minute[0] <= now - 60:
            self.last_minute.popleft()
        if self.last_minute and self.last_minute[-1] > now:
            self.last_minute.clear()  # the clock was set back
        if int(now // _DAY) != self.day:
            self.day, self.today = int(now // _DAY), 0

    def in_last_second(self, now: float) -> int:
        """Return the number of calls within the last second."""
        count = 0
        for moment in reversed(self.last_minute):
            if moment <= now - 1:
                break
            count += 1
        return count

    def add(self, now: float) -> None:
        """Count a call."""
        self.last_minute.append(now)
        self.today += 1


class Quota:
    """Counts calls, and refuses those over a limit."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}
        self._tenant = _Counter()

    @staticmethod
    def limits(credential: CredentialKind, switches: Switches) -> Limits:
        """Return the limits that apply to a kind of credential."""
        documented = Limits(25, 1500, 150_000) if credential == "oauth" else Limits(10, 240, 30_000)
        if switches.limits == "off":
            documented = Limits(0, 0, 0)

        def chosen(value: int, default: int) -> int:
            return default if value < 0 else value

        return Limits(
            chosen(switches.second_limit, documented.second),
            chosen(switches.minute_limit, documented.minute),
            chosen(switches.day_limit, documented.day),
        )

    def admit(self, credential: CredentialKind, now: float, switches: Switches) -> Response | None:
        """Count a call, or refuse it if it is over a limit. A refused call is not counted.

        Args:
            credential: The kind of credential that the request carried.
            now: The time in seconds since the epoch.
            switches: Which limits apply, and what a refusal looks like.

        Returns:
            The refusal; None if the call is admitted.
        """
        counter, tenant = self._counters.setdefault(credential, _Counter()), self._tenant
        counter.expire(now)
        tenant.expire(now)
        limits = self.limits(credential, switches)
        off = switches.limits == "off"
        tenant_day = 0 if off else switches.tenant_day_limit
        tenant_minute = 0 if off else switches.tenant_minute_limit
        window = None
        if (limits.day and counter.today >= limits.day) or (tenant_day and tenant.today >= tenant_day):
            window = "day"
        elif (limits.minute and len(counter.last_minute) >= limits.minute) or (
            tenant_minute and len(tenant.last_minute) >= tenant_minute
        ):
            window = "minute"
        elif limits.second and counter.in_last_second(now) >= limits.second:
            window = "second"
        if window:
            return throttled(window, limits.second, now, switches)
        counter.add(now)
        tenant.add(now)
        return None

    def headers(
        self,
        credential: CredentialKind | None,
        now: float,
        switches: Switches,
        exhausted: str = "",
    ) -> dict[str, str]:
        """Return the headers that report the limits; every response has them, blank without a credential.

        Args:
            credential: The kind of credential of the request, if it carried a valid one.
            now: The time in seconds since the epoch.
            switches: Which limits apply, and the form of the headers.
            exhausted: A window to report as used up: `minute`, `day`, `tenant_minute` or `tenant_day`.
        """
        if switches.quota_headers == "absent":
            return {}
        blank = credential is None or switches.quota_headers == "blank"
        counter = self._counters.setdefault(credential or "nobody", _Counter())
        counter.expire(now)
        self._tenant.expire(now)
        limits = self.limits(credential or "key", switches)
        # Headers report a limit even if there is none: one so high that no client slows down for it
        second, minute, day = (
            limits.second or 1000,
            limits.minute or _UNREACHABLE,
            limits.day or _UNREACHABLE,
        )
        off = switches.limits == "off"
        headers = {"x-keap-product-spike-limit": f"{second}ps"}
        used = minute if exhausted == "minute" else len(counter.last_minute)
        headers |= _window_headers("product-throttle", minute, "minute", used)
        used = day if exhausted == "day" else counter.today
        headers |= _window_headers("product-quota", day, "day", used)
        headers["x-keap-product-quota-expiry-time"] = _expiry(now, switches)
        minute = _UNREACHABLE if off else switches.tenant_minute_limit or _UNREACHABLE
        day = _UNREACHABLE if off else switches.tenant_day_limit or _UNREACHABLE
        used = minute if exhausted == "tenant_minute" else len(self._tenant.last_minute)
        tenant = _window_headers("tenant-throttle", minute, "minute", used)
        if switches.quota_headers != "plain":
            used = day if exhausted == "tenant_day" else self._tenant.today
            daily = _window_headers("tenant-throttle", day, "day", used)
            tenant = {name: f"{value}|{daily[name]}" for name, value in tenant.items()}
        headers |= tenant
        if blank:
            return {name: "|" if name.startswith("x-keap-tenant-throttle") else "" for name in headers}
        return headers

    def status(self) -> dict[str, dict[str, int]]:
        """Return the calls in the last minute and today, by kind of credential and for the tenant."""
        counters = {**self._counters, "tenant": self._tenant}
        return {
            name: {"minute": len(counter.last_minute), "day": counter.today}
            for name, counter in counters.items()
        }


def _window_headers(name: str, limit: int, unit: str, used: int) -> dict[str, str]:
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
    """Return the response to a call over a limit.

    Args:
        window: The limit's window: `second`, `minute` or `day`.
        second: The limit of calls per second, which one of the messages names; 0 if there is none.
        now: The time in seconds since the epoch.
        switches: The status and the shape of the response.
    """
    status = switches.throttle_status
    if switches.throttle_shape == "app":
        response = quota_exceeded_app()
    elif switches.throttle_shape == "html":
        response = html_page(status, "Too Many Requests", "Please try again later.")
    elif switches.throttle_shape == "blank":
        response = Response(status, b"", None)
    elif window == "second":
        response = spike_arrest(status, second or 10)
    else:
        response = quota_violation(status)
    add_retry_after(response, window, now, switches)
    return response


def add_retry_after(response: Response, window: str, now: float, switches: Switches) -> None:
    """Add a Retry-After header in the form that the switch `retry_after` chooses, or none.

    Args:
        response: The response to change.
        window: The limit's window: `second`, `minute` or `day`.
        now: The time in seconds since the epoch.
        switches: The form of the header.
    """
    wait = {"second": 1, "minute": 60, "day": _DAY - int(now % _DAY)}[window]
    forms = {"seconds": str(wait), "date": formatdate(now + wait, usegmt=True), "absurd": "999999999"}
    if switches.retry_after != "absent":
        response.headers["retry-after"] = forms[switches.retry_after]


def quota_violation(status: int = 429) -> Response:
    """Return the gateway's quota fault. The two spaces in a row are Keap's."""
    text = "Rate limit quota violation. Quota limit  exceeded. Identifier : sandbox-client-id"
    return gateway_fault(status, text, "policies.ratelimit.QuotaViolation")


def spike_arrest(status: int = 429, second: int = 25) -> Response:
    """Return the gateway's spike arrest fault; `second` is the limit of calls per second that it names."""
    text = (
        f"Spike arrest violation. Allowed rate : MessageRate{{messagesPerPeriod={second}, "
        "periodInMicroseconds=6000000, maxBurstMessageCount=1.0}"
    )
    return gateway_fault(status, text, "policies.ratelimit.SpikeArrestViolation")


def quota_exceeded_app() -> Response:
    """Return the application's own fault, whose code is a string."""
    body = {"code": "429", "message": "Quota Exceeded", "status": "Request Throttled", "details": None}
    return json_response(body, 429)
