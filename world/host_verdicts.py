"""From the results of a host to what a user should do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from world.host_results import AGAIN, CODE_3, CODE_75, FIRST, KILL, LAST
from world.verdicts import WORDS, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from world.host_results import Break, HostResult


class HostVerdict(msgspec.Struct, frozen=True):
    """What to do about a host.

    Attributes:
        level: Whether to use it.
        reasons: What is wrong with it, the worst first.
    """

    level: Level
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """Return the verdict as a sentence."""
        return f"{WORDS[self.level]}{': ' if self.reasons else ''}{'; '.join(self.reasons)}."


def host_verdict(result: HostResult) -> HostVerdict:
    """Return the verdict on a host.

    A run that is killed may read again what it had loaded, because the target had no time to say its state.

    Args:
        result: What came of it.
    """
    if result.not_installed:
        return HostVerdict(Level.AVOID, ("it could not be installed",))
    found = [*_of_runs(result), *_of_ends(result), *_of_breaks(result)]
    found.sort(key=lambda one: -one[0])
    return HostVerdict(max((level for level, _ in found), default=Level.USE), tuple(why for _, why in found))


def _of_runs(result: HostResult) -> Iterator[tuple[Level, str]]:
    """What runs that nobody disturbs do."""
    for name in (FIRST, AGAIN, LAST):
        run = result.runs[name]
        if run.hangs:
            yield Level.AVOID, f"{name} does not end"
        elif run.differences:
            ended = f"{name} ({run.says})" if run.says else name
            yield Level.AVOID, f"after {ended}, rows are missing or wrong ({run.differences:,})"
            if name == FIRST:
                return
    if result.runs[AGAIN].rereads:
        yield Level.AVOID, "it keeps no state: every run reads everything"


def _of_ends(result: HostResult) -> Iterator[tuple[Level, str]]:
    """What the host makes of the tap's exit codes, and what its log says."""
    good, failed, later = (result.runs[name] for name in (FIRST, CODE_3, CODE_75))
    if not good.says:
        yield Level.CARE, "it does not say how a run ended"
    elif failed.says == good.says:
        yield Level.AVOID, "a run in which streams failed looks like a good one"
    elif later.says == failed.says:
        yield Level.CARE, f"exit code 75, run again later, looks like a failure ({later.says})"
    if not all(run.log for run in (good, failed, later)):
        yield Level.CARE, "its log lacks what the tap says"


def _of_breaks(result: HostResult) -> Iterator[tuple[Level, str]]:
    """What runs that were broken off leave to the next one; what is the same after several is said once."""
    ways: dict[tuple[Level, str], list[str]] = {}
    for way, broken in result.breaks.items():
        for one in _of_break(way, broken, result.runs[FIRST].says):
            ways.setdefault(one, []).append(way)
    for (level, text), after in ways.items():
        *most, last = after
        yield level, f"after {' or '.join(filter(None, [', '.join(most), last]))}, {text}"


def _of_break(way: str, broken: Break, good: str) -> Iterator[tuple[Level, str]]:
    """What a run that was broken off leaves to the next one."""
    then = broken.then
    if broken.hangs:
        yield Level.CARE, "the run does not end"
    if broken.goes_on:
        yield Level.CARE, "the tap goes on"
    if broken.refused:
        yield Level.CARE, f"runs are refused for some minutes ({broken.refused})"
    if then.hangs or then.says != good:
        yield Level.AVOID, f"the next run fails ({then.says or 'it does not end'})"
    if then.differences:
        yield Level.AVOID, f"rows stay missing or wrong ({then.differences:,})"
    if then.rereads and way != KILL:
        yield Level.CARE, "the next run reads again what had been loaded"
