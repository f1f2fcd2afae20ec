"""What lines of the log say, as fields: structured loggers write what a record has under the key `KEY`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_infusionsoft.client.daily_quota import Left
    from tap_infusionsoft.client.traffic import Traffic
    from tap_infusionsoft.report.run_log import PassRecord, RunLog

KEY = "report"
"""Attribute of the log records. Its value has the member ``event``, which says what the other members are."""

Fields = dict[str, dict[str, Any]]


def pass_fields(one: PassRecord) -> Fields:
    """Fields of the line about a pass: the members of its `PassRecord`."""
    return {KEY: {"event": "pass", **msgspec.to_builtins(one)}}


def failure_fields(stream: str, message: str) -> Fields:
    """Fields of the line about a stream that failed.

    Args:
        stream: Its name.
        message: What happened, and what to do.
    """
    return {KEY: {"event": "failure", "stream": stream, "message": message}}


def end_fields(log: RunLog, traffic: Traffic, quota: Left | None, now: datetime) -> Fields:
    """Fields of the last of the lines that close a run.

    Args:
        log: What it did.
        traffic: What it sent.
        quota: What is left of the day's calls; None if that is not known.
        now: The time.
    """
    by_stream: Mapping[str, int] = dict(traffic.calls)
    return {
        KEY: {
            "event": "end",
            "rows": sum(one.rows - one.earlier for one in log.passes),
            "deleted": sum(one.gone or one.fewer for one in log.passes),
            "streams": len(log.chosen),
            "failed": [*dict.fromkeys(one.stream for one in log.failures)],
            "left": [*dict.fromkeys(log.left)],
            "calls": sum(by_stream.values()),
            "calls_by_stream": by_stream,
            "paced_seconds": round(traffic.paced, 3),
            "waited_seconds": round(traffic.waited, 3),
            "seconds": round((now - log.started).total_seconds(), 3),
            "quota": None if quota is None else msgspec.to_builtins(quota),
        }
    }
