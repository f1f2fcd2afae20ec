"""`python -m world [--write] [name ...]`: try targets and hosts, and compare with the committed results.

The names `targets` and `hosts` mean all of them; without a name, everything is tried. With ``--write`` the
new results replace the committed ones. Exit code 1 says that a result changed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from world import account, results
from world.bridging import try_bridge
from world.declared import Bridge
from world.host_results import HostResult
from world.host_verdicts import host_verdict
from world.hosting import try_host
from world.hosts import HOSTS
from world.loading import Result, try_target
from world.targets import TARGETS
from world.venvs import READER
from world.verdicts import verdict
from world.warehouses.base import MissingError
from world.warehouses.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from world.declared import Target
    from world.hosts import Host

GROUPS = {"targets", "hosts"}
FOLDER = Path(__file__).parents[1] / ".world"


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def try_targets(chosen: Sequence[Target], *, write: bool) -> list[str]:
    """Try targets, and say what came of each.

    Args:
        chosen: The targets.
        write: Replace the committed results.

    Returns:
        A sentence for everything that changed.
    """
    messages = FOLDER / "account"
    if any(not isinstance(target, Bridge) for target in chosen):
        account.record(messages)
    changed = []
    for target in chosen:
        began = time.monotonic()
        server = FOLDER / "servers" / target.into
        try:
            with KINDS[target.into](server, READER) as warehouse:
                folder = FOLDER / target.name
                if isinstance(target, Bridge):
                    result = try_bridge(target, warehouse, folder)
                else:
                    result = try_target(target, warehouse, messages, folder)
        except MissingError as error:
            say(f"{target.name}: not run, {error}")
            continue
        found = verdict(target, result)
        say(f"{target.name} {target.version}: {found} ({time.monotonic() - began:.0f} s)")
        if write:
            results.write("targets", target.name, result)
            continue
        told = results.changes(results.read("targets", target.name, Result), result)
        changed += [f"{target.name}: {one}" for one in told]
    return changed


def try_hosts(chosen: Iterable[Host], *, write: bool) -> list[str]:
    """Try hosts, and say what came of each.

    Args:
        chosen: The hosts.
        write: Replace the committed results.

    Returns:
        A sentence for everything that changed.
    """
    changed = []
    for host in chosen:
        began = time.monotonic()
        try:
            result = try_host(host, FOLDER / "hosts" / host.name)
        except MissingError as error:
            say(f"{host.name}: not run, {error}")
            continue
        say(f"{host.name} {host.version}: {host_verdict(result)} ({time.monotonic() - began:.0f} s)")
        if write:
            results.write("hosts", host.name, result)
            continue
        told = results.changes(results.read("hosts", host.name, HostResult), result)
        changed += [f"{host.name}: {one}" for one in told]
    return changed


def main() -> int:
    """Run the command and return its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # As in a script's background. Hosts would inherit that, and Ctrl-C would not reach them.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m world", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="only these targets and hosts")
    parser.add_argument("--write", action="store_true", help="replace the committed results")
    options = parser.parse_args()
    named = {*options.names} or GROUPS
    if unknown := named - GROUPS - {one.name for one in TARGETS} - {one.name for one in HOSTS}:
        parser.error(f"there is no target or host called {', '.join(sorted(unknown))}")
    chosen = [one for one in TARGETS if named & {one.name, "targets"}]
    changed = try_targets(chosen, write=options.write) if chosen else []
    changed += try_hosts([one for one in HOSTS if named & {one.name, "hosts"}], write=options.write)
    if changed:
        say("Changed against the committed results (python -m world --write replaces them):")
        say("\n".join(f"  {one}" for one in changed))
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
