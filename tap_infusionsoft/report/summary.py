"""What a run did, in sentences for the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.daily_quota import Left
    from tap_infusionsoft.client.traffic import Traffic
    from tap_infusionsoft.report.run_log import PassRecord, RunLog

_MINUTE = 60
_ROOM = 10
"""Calls for rows that a run should have: some streams list others before they make their first call."""
_LONGEST = 1000
"""Characters of a list of names."""


def pass_line(one: PassRecord) -> str:
    """Say what a pass read, as in ``contacts: 298 rows, sweep, 2 gone; 3 calls, 1.2 s``."""
    cost = f"; {plural(one.calls, 'call')}"
    if not one.kind:
        return f"{one.stream}: {one.note}{cost if one.calls else ''}"
    facts = [
        f"{plural(one.rows, 'row')}, {one.kind}",
        f"{number(one.earlier)} of them in an earlier run" if one.earlier else "",
        f"{number(one.new)} new" if one.new else "",
        f"{plural(one.mended, 'value')} mended" if one.mended else "",
        f"{number(one.quarantined)} in quarantine" if one.quarantined else "",
        f"{number(one.skipped)} skipped" if one.skipped else "",
        _deleted(one),
        one.note,
    ]
    return f"{one.stream}: {', '.join(filter(None, facts))}{cost}, {span(one.seconds)}"


def _deleted(one: PassRecord) -> str:
    if one.gone or (one.gone is not None and one.kind == "sweep"):
        return f"{number(one.gone)} gone"
    return f"{number(one.fewer)} fewer than in the last one" if one.fewer else ""


def is_worth_a_line(one: PassRecord) -> bool:
    """Whether a pass found anything that is not the usual: rows, deletions, or something to look at."""
    return bool(one.rows or one.gone or one.fewer or one.refusal or one.skipped or one.quarantined)


def opening_line(log: RunLog) -> str:
    """Say which streams a run reads, and which not."""
    if not log.deselected:
        return f"Reading {plural(len(log.chosen), 'stream')}."
    return (
        f"Reading {plural(len(log.chosen), 'stream')}. Not selected: {len(log.deselected)} "
        f"({_names(log.deselected)})."
    )


def closing_lines(log: RunLog, traffic: Traffic, quota: Left | None, now: datetime) -> list[str]:
    """Say what a run did, and what it cost.

    Args:
        log: What it did.
        traffic: What it sent.
        quota: What is left of the day's calls; None if that is not known.
        now: The time.
    """
    lines = []
    quiet = [one.stream for one in log.passes if one.kind and not is_worth_a_line(one)]
    if quiet:
        lines.append(f"Nothing new in {plural(len(quiet), 'stream')}: {_names(quiet)}.")
    later = [one.stream for one in log.passes if not one.kind]
    if later:
        lines.append(f"Left for a later run, as they are recent enough: {_names(later)}.")
    read = [*log.passes, *(one for one in log.unfinished.values() if one.calls or one.rows > one.earlier)]
    rows = sum(one.rows - one.earlier for one in read)
    gone = sum(one.gone or one.fewer for one in log.passes)
    deleted = f", {number(gone)} marked as deleted" if gone else ""
    calls = sum(traffic.calls.values())
    waits = [
        f"{span(traffic.paced)} of them held back to keep the limits" if traffic.paced >= 1 else "",
        f"{span(traffic.waited)} waiting after faults" if traffic.waited >= 1 else "",
    ]
    took = ", ".join([span((now - log.started).total_seconds()), *filter(None, waits)])
    lines.append(
        f"{plural(rows, 'row')} of {plural(len({one.stream for one in read}), 'stream')}{deleted}; "
        f"{plural(calls, 'API call')} in {took}."
    )
    if quota is not None:
        lines.append(
            f"Left of the day's {number(quota.limit)} calls: {number(quota.left)}, until "
            f"{quota.resets_at:%Y-%m-%d %H:%M} UTC."
        )
    return lines


def left_lines(log: RunLog) -> list[str]:
    """Say what a run left to the next one because its calls were used up, and what to do if it read nothing.

    Args:
        log: What it did.
    """
    if not log.left:
        return []
    names = ", ".join(dict.fromkeys(log.left))
    used_up = "The calls of this run are used up (max_calls_per_run)."
    lines = [f"{used_up} Left for the next run, which goes on there: {names}."]
    if log.calls_before_rows:
        lines.append(
            "No row was read, as it takes at least "
            f"{plural(log.calls_before_rows, 'call')} to find out which streams and columns there are. The "
            "state keeps what is known for 12 hours: runs within that time go on there. If this line comes "
            f"again and again, raise max_calls_per_run to {number(log.calls_before_rows + _ROOM)} or more."
        )
    lines += [
        f"{name} takes more calls at once than the {number(calls)} that this run had for rows. Raise "
        "max_calls_per_run, or deselect the stream."
        for name, calls in log.stuck.items()
    ]
    return lines


def span(seconds: float) -> str:
    """Say how long something took, as in ``0.4 s``, ``12 s`` or ``3 min 5 s``."""
    if seconds < 10:  # noqa: PLR2004  # a tenth of a second is worth knowing
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def number(value: int) -> str:
    """A number with commas between thousands."""
    return f"{value:,}"


def plural(count: int, what: str) -> str:
    """A number of things, as in ``1 row`` or ``1,200 rows``."""
    return f"{number(count)} {what}{'' if count == 1 else 's'}"


def _names(names: Iterable[str]) -> str:
    """Names, as many as a line takes."""
    listed: Sequence[str] = [*dict.fromkeys(names)]
    text = ", ".join(listed)
    if len(text) <= _LONGEST:
        return text
    shown = text[:_LONGEST].rpartition(", ")[0]
    return f"{shown} and {len(listed) - shown.count(', ') - 1} others"
