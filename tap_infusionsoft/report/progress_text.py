"""What a run does at this moment, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.report.summary import number, plural, span

if TYPE_CHECKING:
    from tap_infusionsoft.report.watch import Snapshot, StreamProgress, Waiting


def progress_line(seen: Snapshot) -> str:
    """Say what a run does, as in ``Reading notes (200 rows); so far 3 of 77 streams done, 900 rows, ...``."""
    own = ", ".join(stream_facts(seen))
    read = f"reading {seen.stream}{f' ({own})' if own else ''}" if seen.stream else ""
    waits = "" if seen.waiting is None else waiting_text(seen.waiting)
    what = ", ".join(filter(None, (read, waits))) or "preparing"
    of = f"{seen.streams_done} of {plural(seen.streams, 'stream')} done, " if seen.streams else ""
    aside = f" Aside: {aside_text(seen)}." if seen.aside and seen.stream else ""
    return f"{what[0].upper()}{what[1:]}; so far {of}{', '.join(run_facts(seen))}.{aside}"


def stream_facts(seen: Snapshot) -> list[str]:
    """Say how far the stream has come that is read."""
    if seen.progress is None:
        return []
    facts = [_parents(seen.progress), plural(seen.progress.rows, "row")]
    if seen.seconds_left is not None:
        facts.append(f"about {about(seen.seconds_left)} to go")
    return [*filter(None, facts)]


def _parents(progress: StreamProgress) -> str:
    if progress.planned:
        return f"{number(progress.parents)} of {plural(progress.planned, 'parent')}"
    if progress.expected:
        return f"last time {plural(progress.expected, 'row')}, now"
    return ""


def run_facts(seen: Snapshot) -> list[str]:
    """Say what the run has read so far, and what that cost."""
    facts = [plural(seen.rows, "row")]
    if seen.rows_per_second:
        facts.append(f"{number(round(seen.rows_per_second))} rows/s")
    facts.append(f"{plural(seen.calls, 'call')} in {span(seen.seconds)}")
    if seen.quota is not None:
        facts.append(f"{number(seen.quota.left)} left today")
    return facts


def waiting_text(waiting: Waiting) -> str:
    """Say what a run waits for."""
    until = "" if waiting.until is None else f" until {waiting.until:%H:%M:%S} UTC"
    return f"waiting for {waiting.why}{until}"


def aside_text(seen: Snapshot) -> str:
    """Name the streams that have stepped aside, and say until when."""
    return ", ".join(f"{name} until {moment:%H:%M} UTC" for name, moment in seen.aside)


def about(seconds: float) -> str:
    """Say roughly how long something will take: nobody knows the seconds of an hour."""
    minutes = round(seconds / 60)
    if seconds < 55:  # noqa: PLR2004  # rounded, it would be a minute
        return f"{max(round(seconds, -1), 10):.0f} s"
    hours, rest = divmod(max(minutes, 1), 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
