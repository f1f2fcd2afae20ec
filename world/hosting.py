"""Run the tap and a target in a host, break runs off in every way, and see what the next run does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from keap_sandbox import Sandbox
from tests.examples.installed import EXAMPLES, PACE, Installed
from tests.processes import stalled
from world.account import KEY
from world.results import without_paths
from world.venvs import InstallError, installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from world.hosts import Host

CONTACTS = 40
PATIENCE = 180
"""Seconds that a host may take to come to the middle of a run, or to end it."""
END_SECONDS = 30
"""Seconds that a host gets to end after a signal."""
MIDDLE = "/v2/orders$"
"""The call that a run waits for while it is broken off: contacts are complete by then, and much is not."""
SUMMARY = " API calls in "
"""A part of the line with which a good run of the tap ends."""
REFUSED = "companies: "
"""A part of the lines that say which stream failed."""


class HostResult(msgspec.Struct, omit_defaults=True):
    """What came of a host.

    Attributes:
        name: The host.
        version: Its version.
        date: Day of the run.
        not_installed: Why it could not be installed.
        checks: What was tried -> what came of it.
        log: The end of the host's log when a stream failed, for people to see what it looks like there.
    """

    name: str
    version: str = ""
    date: str = ""
    not_installed: str = ""
    checks: dict[str, str] = {}
    log: str = ""


class Running:
    """A host with the tap and the target in a folder of their own."""

    def __init__(self, host: Host, keap: Installed, folder: Path, programs: Path | None) -> None:
        """Write the files of the host's project, and prepare it.

        Args:
            host: The host.
            keap: The programs and folders of the examples.
            folder: Folder of the project.
            programs: Folder with the host's programs; None if it needs none.
        """
        self._host, self.keap, self._folder, self._programs = host, keap, folder, programs
        self.log = folder.with_suffix(".log")
        for name, text in host.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            source = EXAMPLES / text if "\n" not in text else None
            path.write_text(keap.put_in(source.read_text() if source else text))
        folder.mkdir(parents=True, exist_ok=True)
        for command in host.before:
            with self.log.open("ab") as told:
                subprocess.run(  # noqa: S603
                    self._filled(command),
                    cwd=folder,
                    env=self._environment(),
                    stdout=told,
                    stderr=told,
                    check=True,
                )

    def start(self, **settings: Any) -> subprocess.Popen[bytes]:
        """Start a run.

        Args:
            **settings: Settings of the tap, beside those that every run has.
        """
        self.keap.configure(**settings)
        with self.log.open("wb") as told:
            return subprocess.Popen(  # noqa: S603
                self._filled(self._host.command),
                cwd=self._folder,
                env=self._environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )

    def run(self, **settings: Any) -> int:
        """Make a run, and return the exit code of the host.

        Args:
            **settings: Settings of the tap, beside those that every run has.
        """
        return self.start(**settings).wait(PATIENCE)

    def told(self) -> str:
        """Return the log of the last run."""
        return self.log.read_text(errors="replace")

    def count(self) -> int:
        """Return the number of records in the target's files."""
        return sum(len(rows) for rows in self.keap.records().values())

    def _filled(self, command: tuple[str, ...]) -> list[str]:
        return [self.keap.put_in(part).replace("{bin}", str(self._programs)) for part in command]

    def _environment(self, settings: Mapping[str, Any] | None = None) -> dict[str, str]:
        found = {"PATH": f"{self.keap.programs}:/usr/bin:/bin", "HOME": str(self._folder), "LANG": "C.UTF-8"}
        found |= {
            name: value.replace("{folder}", str(self._folder))
            for name, value in self._host.environment.items()
        }
        if self._programs:
            found["PATH"] = f"{self._programs}:{found['PATH']}"
        if self._host.settings_by == "environment":
            account = {"api_key": self.keap.box.api_key, "api_url": self.keap.box.url}
            for name, value in {**account, **PACE, **(settings or {})}.items():
                found[f"TAP_INFUSIONSOFT_{name.upper()}"] = str(value)
        return found


def try_host(host: Host, folder: Path) -> HostResult:
    """Try a host.

    Args:
        host: The host.
        folder: A folder for its files and logs. It is emptied.
    """
    result = HostResult(host.name, host.version, f"{datetime.now(UTC):%Y-%m-%d}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        programs = installed(host.name, host.requires) if host.requires else None
        target = installed("target-jsonl", ["target-jsonl==0.1.4"])
    except InstallError as error:
        result.not_installed = without_paths(str(error))
        return result
    os.environ["TARGET_JSONL"] = str(target / "target-jsonl")
    with Sandbox(contacts=CONTACTS, api_key=KEY, switches={"limits": "off"}) as box:
        running = Running(host, Installed(box, folder), folder / "project", programs)
        for name, found in _checks(running, result):
            result.checks[name] = found
    return result


def _checks(running: Running, result: HostResult) -> Iterator[tuple[str, str]]:
    keap, box = running.keap, running.keap.box
    for name, number in (("TERM", signal.SIGTERM), ("KILL", signal.SIGKILL), ("INT", signal.SIGINT)):
        yield f"{name} in the middle of a run", _broken_off(running, number)
    code = running.run()
    yield "the next run", f"exit code {code}, {_complete(keap)}"
    yield "its log", "shows what the tap says" if SUMMARY in running.told() else "lacks what the tap says"
    before = running.count()
    box.plant("contacts", upsert=[{"given_name": "Ada", "family_name": "Lovelace"}], touch=True)
    code = running.run()
    more = running.count() - before
    kept = "state kept" if more < before / 2 else "state lost: everything is read again"
    yield "a run after a change", f"exit code {code}, {kept}, {_complete(keap)}"
    box.fault("forbidden", path="/v2/companies")
    code = running.run()
    told = running.told()
    box.clear_faults()
    result.log = without_paths("\n".join(told.strip().splitlines()[-8:]))[-1500:]
    named = "its log names the stream" if REFUSED in told else "its log does not name the stream"
    yield "the tap ends with 3", f"exit code {code}, {named}"
    code = running.run(requests_per_day=1)
    yield "the tap ends with 75", f"exit code {code}"
    code = running.run()
    yield "the run after those", f"exit code {code}, {_complete(keap)}"


def _complete(keap: Installed) -> str:
    lost = keap.lost()
    return "copy complete" if not lost else f"{len(lost)} differences, such as {lost[0][:80]}"


def _broken_off(running: Running, number: signal.Signals) -> str:
    """Send a signal to the host alone in the middle of a run, and say how it ended."""
    with stalled(running.keap.box, path_regex=MIDDLE) as middle:
        process = running.start()
        if not middle.wait(PATIENCE):
            process.kill()
            return "the run did not come to its middle"
        time.sleep(1)  # the target writes what it has
        process.send_signal(number)
        try:
            code = process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            return f"it does not end within {END_SECONDS} seconds"
        alone = not _ended(running)
    ended = "the tap goes on without it" if alone else "the tap ends, too"
    if alone:
        _ended(running, PATIENCE)
        _kill_group(process)
    return f"exit code {code if code >= 0 else 128 - code}, {ended}"


def _ended(running: Running, seconds: float = 10) -> bool:
    """Wait until no tap is at work."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = subprocess.run(  # noqa: S603
            ["pgrep", "-f", str(running.keap.programs / "tap-infusionsoft")],  # noqa: S607
            capture_output=True,
            check=False,
        )
        if found.returncode:
            return True
        time.sleep(0.2)
    return False


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
