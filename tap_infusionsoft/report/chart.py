"""The timeline of a run as pictures: inline SVG that stretches to the width of the page.

The pictures hold shapes only. Texts are beside them as HTML, so that they are as readable on a phone as
on a desk.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_infusionsoft.report.markup import _, clock_time, number, plural
from tap_infusionsoft.report.summary import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.daily_quota import Left
    from tap_infusionsoft.report.timeline import Step, Timeline

COLORS = 6
"""Streams that have their own color."""
OTHERS = "all others"
_WIDTH = 10
"""Width of a step in the picture's own units."""
_HEIGHT = 100


def charts(timeline: Timeline, quota: Left | None, ended: datetime) -> str:
    """Return the pictures, with their legends and texts.

    Args:
        timeline: The timeline.
        quota: What is left of the day's calls at the end.
        ended: When the run ended.
    """
    steps = timeline.steps
    parts = [_calls(timeline)]
    for title, values, look in (
        ("Held back to keep the limits", [one.paced_seconds for one in steps], "paced"),
        ("Waiting after faults", [one.waited_seconds for one in steps], "waited"),
    ):
        if any(values):
            parts.append(_times(timeline, title, values, look))
    if quota is not None and any(one.quota_left is not None for one in steps):
        parts.append(_quota(timeline, quota))
    return "\n".join([*parts, _axis(timeline, ended)])


def _calls(timeline: Timeline) -> str:
    by_stream: Counter[str] = Counter()
    for step in timeline.steps:
        by_stream.update(step.calls)
    named = [name for name, _calls_of in by_stream.most_common(COLORS)]
    places = {name: place for place, name in enumerate(named, 1)}
    most = max((sum(step.calls.values()) for step in timeline.steps), default=0)
    shapes = []
    for at, step in enumerate(timeline.steps):
        total = sum(step.calls.values())
        if not total:
            continue
        tip = f"{clock_time(step.start)}: {plural(total, 'call')} ({_listed(step.calls)})"
        bars, top = [], float(_HEIGHT)
        for name in [*named, OTHERS]:
            count = (
                step.calls.get(name, 0)
                if name in places
                else sum(calls for one, calls in step.calls.items() if one not in places)
            )
            if count:
                height = count / most * _HEIGHT
                top -= height
                bars.append(_bar(at, top, height, f"s{places.get(name, 0)}"))
        shapes.append(f"<g><title>{_(tip)}</title>{''.join(bars)}</g>")
    legend = [(places[name], name or "no stream in particular", by_stream[name]) for name in named]
    rest = by_stream.total() - sum(by_stream[name] for name in named)
    if rest:
        legend.append((0, OTHERS, rest))
    keys = "".join(
        f'<li><span class="key s{place}" aria-hidden="true"></span>{_(name)} '
        f'<span class="soft">{number(count)}</span></li>'
        for place, name, count in legend
    )
    caption = f"{plural(by_stream.total(), 'call')}, at most {number(most)} in {span(timeline.step_seconds)}."
    picture = _svg("tall", f"Calls over time. {caption}", shapes, len(timeline.steps))
    return _figure("Calls", caption, picture, f'<ul class="legend">{keys}</ul>')


def _listed(calls: Mapping[str, int]) -> str:
    ordered = sorted(calls.items(), key=lambda one: -one[1])
    shown = [f"{name or 'no stream'} {number(count)}" for name, count in ordered[:COLORS]]
    return ", ".join([*shown, *(["..."] if len(ordered) > COLORS else [])])


def _times(timeline: Timeline, title: str, values: Sequence[float], look: str) -> str:
    most = max(timeline.step_seconds, *values)
    shapes = [
        f"<g><title>{clock_time(step.start)}: {span(value)}</title>"
        f"{_bar(at, _HEIGHT - value / most * _HEIGHT, value / most * _HEIGHT, look)}</g>"
        for at, (step, value) in enumerate(zip(timeline.steps, values, strict=True))
        if value
    ]
    caption = f"{span(sum(values))} in all."
    return _figure(title, caption, _svg("low", f"{title}. {caption}", shapes, len(values)))


def _quota(timeline: Timeline, quota: Left) -> str:
    known = [(at, step.quota_left) for at, step in enumerate(timeline.steps) if step.quota_left is not None]
    first = known[0][1]
    points = []
    for at, left in known:
        y = f"{_HEIGHT - min(left / quota.limit, 1) * _HEIGHT:.2f}"
        points += [f"{at * _WIDTH},{y}", f"{(at + 1) * _WIDTH},{y}"]
    begin, end = known[0][0] * _WIDTH, (known[-1][0] + 1) * _WIDTH
    area = f'<polygon class="quota" points="{begin},{_HEIGHT} {" ".join(points)} {end},{_HEIGHT}"/>'
    caption = (
        f"From {number(first)} to {number(quota.left)} of {number(quota.limit)}; all of them come back at "
        f"{quota.resets_at:%Y-%m-%d %H:%M} UTC."
    )
    picture = _svg("low framed", f"Calls left of the day. {caption}", [area], len(timeline.steps))
    return _figure("Calls left of the day", caption, picture)


def _figure(title: str, caption: str, picture: str, legend: str = "") -> str:
    return (
        f'<figure><figcaption><b>{_(title)}</b> <span class="soft">{_(caption)}</span></figcaption>{picture}'
        f"{legend}</figure>"
    )


def _svg(look: str, label: str, shapes: Iterable[str], steps: int) -> str:
    return (
        f'<svg class="{look}" role="img" aria-label="{_(label)}" viewBox="0 0 {steps * _WIDTH} {_HEIGHT}" '
        f'preserveAspectRatio="none">{"".join(shapes)}</svg>'
    )


def _bar(at: int, top: float, height: float, look: str) -> str:
    return (
        f'<rect class="{look}" x="{at * _WIDTH + 0.5}" y="{top:.2f}" width="{_WIDTH - 1}" '
        f'height="{height:.2f}"/>'
    )


def _axis(timeline: Timeline, ended: datetime) -> str:
    first = timeline.steps[0].start
    last = first + timedelta(seconds=timeline.step_seconds * len(timeline.steps))
    middle = first + (last - first) / 2
    marks = "".join(f"<span>{clock_time(one)}</span>" for one in (first, middle, last))
    days = "" if first.date() == ended.date() else f", to {ended:%Y-%m-%d}"
    return f'<p class="axis">{marks}</p><p class="aside">UTC, {first:%Y-%m-%d}{days}</p>'


def as_table(steps: Sequence[Step]) -> list[list[str]]:
    """The cells of a table that says what the pictures show.

    Args:
        steps: The steps of the timeline.
    """
    return [
        [
            clock_time(step.start),
            number(sum(step.calls.values())),
            _(_listed(step.calls)) if step.calls else "",
            span(step.paced_seconds) if step.paced_seconds else "",
            span(step.waited_seconds) if step.waited_seconds else "",
            "" if step.quota_left is None else number(step.quota_left),
        ]
        for step in steps
    ]
