"""How fast Keap is asked, how much of its limits is used, and how long failures are waited for: the settings."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_infusionsoft.client.prefetch import MOST_WAITING
from tap_infusionsoft.client.retry import Waits

KEY_PACE = 4.0
"""Calls a second with an API key; Keap takes 10."""
TOKEN_PACE = 20.0
"""Calls a second with an OAuth token; Keap takes 25."""
MINUTE_PACE = 60
"""Calls a minute: Keap's guideline is about one a second in the long run, for everybody."""
DAY_SHARE = 0.5

LONGEST_RUN = 24
"""Hours: as long as the calls of a day last."""

CONCURRENCY = 8
"""Calls at once: what it takes to make 4 calls a second, the pace of a key, if Keap answers each in two; or 25, the most
that it takes with OAuth, in 0.3."""
MOST_CONCURRENCY = 16

_WAITS = Waits()

PATIENCE = (
    th.Property(
        "requests_per_second",
        th.NumberType,
        title="Calls a second",
        description=f"Most calls a second. Default: {KEY_PACE:g} with api_key, {TOKEN_PACE:g} with OAuth. "
        "Never more than half of what Keap's headers allow.",
    ),
    th.Property(
        "requests_per_minute",
        th.IntegerType,
        title="Calls a minute",
        description=f"Most calls in any 60 seconds. Default: {MINUTE_PACE}, Keap's guideline; where requests_per_second is "
        "set, as many as that makes. Never more than nine tenths of what Keap's headers allow, and less while others "
        "use the key.",
    ),
    th.Property(
        "concurrency",
        th.IntegerType,
        default=CONCURRENCY,
        title="Calls at once",
        description=f"Calls that may be under way at once, 1 to {MOST_CONCURRENCY}; with 1, one call is made after another. "
        "There are several only where Keap takes longer to answer than the pace makes the tap wait, and no more than that takes. "
        f"Up to {MOST_WAITING} further answers may wait to be written. It costs memory for so many pages and, at the end of a "
        f"long collection, up to so many calls and {MOST_WAITING - 1} more that bring nothing. The pace is kept all the same.",
    ),
    th.Property(
        "requests_per_day",
        th.IntegerType,
        title="Calls a day",
        description="Most calls in a day (UTC), over all runs that hand on their state. "
        "Default: what daily_quota_share gives.",
    ),
    th.Property(
        "daily_quota_share",
        th.NumberType,
        default=DAY_SHARE,
        title="Share of the day's calls",
        description="Share of Keap's daily limit that the tap may use, over all runs that hand on their state; the rest is "
        "left to others. When it is used up, the run ends with exit code 75 and names the reset time.",
    ),
    th.Property(
        "query_waits",
        th.ArrayType(th.NumberType),
        default=list(_WAITS.query),
        title="Waits after: query took too long",
        description="Seconds to wait before each further try; each asks for half as many rows.",
    ),
    th.Property(
        "blocked_wait",
        th.NumberType,
        default=_WAITS.blocked,
        title="Wait after: saved search is blocked",
        description="Seconds until a blocked saved search is tried again. Other streams go on meanwhile.",
    ),
    th.Property(
        "blocked_tries",
        th.IntegerType,
        default=_WAITS.blocked_tries,
        title="Tries after: saved search is blocked",
        description="How often a blocked saved search is tried again.",
    ),
    th.Property(
        "transient_waits",
        th.ArrayType(th.NumberType),
        default=list(_WAITS.transient),
        title="Waits after passing failures",
        description="Longest seconds to wait, the actual wait being random below, "
        "after server errors, time-outs and lost connections.",
    ),
    th.Property(
        "blank_waits",
        th.ArrayType(th.NumberType),
        default=list(_WAITS.blank),
        title="Waits after blank answers",
        description="Seconds to wait after an answer without the rows it should hold.",
    ),
    th.Property(
        "page_waits",
        th.ArrayType(th.NumberType),
        default=list(_WAITS.page),
        title="Waits after HTML pages",
        description="Seconds to wait after an HTML page where JSON should be.",
    ),
    th.Property(
        "throttle_tries",
        th.IntegerType,
        default=_WAITS.throttle_tries,
        title="Tries after: minute throttle",
        description="How often to wait for the end of Keap's minute window before a call has failed.",
    ),
    th.Property(
        "spike_tries",
        th.IntegerType,
        default=_WAITS.spike_tries,
        title="Tries after: spike arrest",
        description="How often to wait a few seconds after Keap saw too many calls at once.",
    ),
    th.Property(
        "max_wait",
        th.NumberType,
        default=_WAITS.longest,
        title="Longest wait",
        description="Most seconds that one call may spend waiting, blocked saved searches apart.",
    ),
    th.Property(
        "max_run_hours",
        th.NumberType,
        default=LONGEST_RUN,
        title="Longest run",
        description="Most hours that a run may take, waits included. Then it ends between two calls with exit code 75, and "
        "the state keeps what is complete.",
    ),
)
