"""The generated parts of ``docs/hosts.md``, from the committed results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from world import results
from world.host_results import AGAIN, CODE_3, CODE_75, FIRST, HostResult
from world.host_verdicts import HostVerdict, host_verdict
from world.hosts import HOSTS
from world.pages import MARKS, NOT_INSTALLED, cell
from world.verdicts import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from world.host_results import Break, Run
    from world.hosts import Host

NOTHING = "nothing"
"""What a host says that does not say how a run ended."""


def _judged() -> list[tuple[Host, HostResult, HostVerdict]]:
    """Return all hosts that have a result, the best first."""
    read = [(host, results.read("hosts", host.name, HostResult)) for host in HOSTS]
    judged = [(host, result, host_verdict(result)) for host, result in read if result is not None]
    return sorted(judged, key=lambda one: (one[2].level, len(one[2].reasons), one[0].name))


def hosts() -> str:
    """Return the table of all hosts."""
    rows = ["| Host | Verdict | Exit code 3 is | Exit code 75 is | State |", "|---|---|---|---|---|"]
    rows += [f"| {' | '.join(_row(*one))} |" for one in _judged()]
    return "\n".join(rows)


def _row(host: Host, result: HostResult, found: HostVerdict) -> Iterator[str]:
    yield f"[{host.name}](#{_anchor(host)}) {result.version}".strip()
    yield f"{MARKS[found.level]} {cell(found)}"
    if result.not_installed:
        yield from ("not tried", "not tried", "not tried")
        return
    yield _said(result.runs[CODE_3].says)
    yield _said(result.runs[CODE_75].says)
    if result.runs[FIRST].differences:
        yield "nothing is loaded"
        return
    yield "lost" if result.runs[AGAIN].rereads else "kept"


def details() -> str:
    """Return what was found about each host, with how to use it."""
    return "\n\n".join("\n".join(_section(*one)) for one in _judged())


def _section(host: Host, result: HostResult, found: HostVerdict) -> Iterator[str]:
    yield f"### {host.name}"
    yield ""
    version = f"Version {result.version}, tried" if result.version else "Tried"
    yield f"{version} on {result.date}. {cell(found)}"
    yield ""
    if result.not_installed:
        yield f"pip's last words: {cell(result.not_installed)}"
        yield ""
        yield NOT_INSTALLED
        return
    if host.example:
        link = f"[{'How to set it up' if found.level is not Level.AVOID else 'An example'}]"
        yield f"{host.advice} {link}(../examples/{host.example})."
    else:
        yield host.advice
    yield ""
    if not result.breaks:
        yield "As the first run loads nothing, no run was broken off."
        yield ""
    yield "| What happens | What it says | The run after it | The copy then |"
    yield "|---|---|---|---|"
    for name, run in result.runs.items():
        yield f"| {name} | {_said(run.says, hangs=run.hangs)} | | {_copy(name, run)} |"
    for way, broken in result.breaks.items():
        cells = [f"{way}, in the middle", _ended(broken), _then(broken), _differences(broken.then)]
        yield f"| {' | '.join(cells)} |"

    yield ""
    yield f"In its log, after exit code 3: `{cell(result.log)}`"


def _anchor(host: Host) -> str:
    return host.name.lower().replace(".", "")


def _said(says: str, *, hangs: bool = False) -> str:
    return "it does not end" if hangs else cell(says) or NOTHING


def _ended(broken: Break) -> str:
    ended = _said(broken.says, hangs=broken.hangs)
    return f"{ended}; the tap goes on" if broken.goes_on else ended


def _then(broken: Break) -> str:
    run = broken.then
    refused = f"refused for some minutes ({cell(broken.refused)}); then " if broken.refused else ""
    said = _said(run.says, hangs=run.hangs)
    return f"{refused}{said}; {'reads again what had been loaded' if run.rereads else 'goes on'}"


def _copy(name: str, run: Run) -> str:
    """Return how the copy is after a run that should be good, or what the log shows after another one."""
    if name in {CODE_3, CODE_75}:
        return "the log says why" if run.log else "the log does not say why"
    read = "; everything was read again" if run.rereads else ""
    return f"{_differences(run)}{read}"


def _differences(run: Run) -> str:
    if not run.differences:
        return "complete"
    return f"{run.differences:,} differences, such as `{cell(run.example)}`"
