"""Start and stop runs in a host, and find the processes that belong to one."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import yaml

from tests.examples.airflow import airflow
from tests.examples.cron import Cron
from tests.examples.dagster import dagster
from tests.examples.installed import PACE, ROOT, Installed
from tests.examples.kubelet import Kubelet, build
from tests.examples.pod import first_process
from tests.examples.prefect import prefect
from tests.processes import descendant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.examples.hosts import Host as Scheduler
    from world.hosts import Host

PATIENCE = 180
"""Seconds that a run may take to end."""
TAP = "tap-infusionsoft"


class HangsError(Exception):
    """A run does not end."""


class Running(Protocol):
    """A host that is ready to run the tap and the target.

    Attributes:
        keap: The programs and folders of the examples.
    """

    keap: Installed

    def start(self, attempt: int, **settings: Any) -> None:
        """Start a run, without waiting for its end.

        Args:
            attempt: Runs with the same number share their state.
            **settings: Settings of the tap, beside those that every run has.
        """

    def stop(self, way: str) -> None:
        """Stop the run.

        Args:
            way: One of the host's `stops`.
        """

    def says(self) -> str:
        """Wait until the run has ended, and return what the host says of it; empty if it says nothing.

        Raises:
            HangsError: The run does not end.
        """

    def log(self) -> str:
        """Return what people find in the log of the last run."""

    def tap(self) -> int:
        """Return the id of the tap's process."""

    def processes(self) -> list[int]:
        """Return the ids of all processes of the run."""


def _matching(text: str) -> list[int]:
    found = subprocess.run(  # noqa: S603
        ["pgrep", "--full", text],  # noqa: S607
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return [int(one) for one in found.stdout.split()]


class Process:
    """A host that is a program in the foreground."""

    def __init__(self, host: Host, keap: Installed, folder: Path, programs: Path | None) -> None:
        """Get ready.

        Args:
            host: The host.
            keap: The programs and folders of the examples.
            folder: Folder of the project, in which runs are started.
            programs: Folder with the host's programs; None if it needs none.
        """
        self.keap, self._host, self._folder, self._programs = keap, host, folder, programs
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder.with_suffix(".log")
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process of the last run.

        Raises:
            ValueError: No run has been started.
        """
        if self._process is None:
            raise ValueError("no run has been started")
        return self._process

    def start(self, attempt: int, **settings: Any) -> None:
        """Start a run."""
        self.keap.configure(**settings)
        words = [self.keap.put_in(word).replace("{attempt}", str(attempt)) for word in self._host.command]
        env = self._environment(settings)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                ["env", *words],  # noqa: S607, so that the program is looked for in the PATH that it gets
                cwd=self._folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, way: str) -> None:
        """Send SIGTERM to the program alone, as `kill` does, or SIGINT to its group, as a terminal does."""
        if way == "Ctrl-C":
            os.killpg(self.process.pid, signal.SIGINT)
        else:
            self.process.send_signal(signal.SIGTERM)

    def says(self) -> str:
        """Return the exit code as shells have it."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise HangsError from None
        return f"exit code {code if code >= 0 else 128 - code}"

    def log(self) -> str:
        """Return what the program wrote."""
        return self._log.read_text(errors="replace")

    def tap(self) -> int:
        """Return the id of the tap's process."""
        (found,) = _matching(f"{self.keap.programs}/{TAP}")
        return found

    def processes(self) -> list[int]:
        """Return the ids of the program, the tap and the target."""
        own = [self.process.pid] if self.process.poll() is None else []
        return [*own, *_matching(str(self.keap.programs))]

    def _environment(self, settings: dict[str, Any]) -> dict[str, str]:  # noqa: ARG002
        path = f"{self.keap.programs}:/usr/bin:/bin"
        return {
            "PATH": f"{self._programs}:{path}" if self._programs else path,
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
        }


class Meltano(Process):
    """A Meltano project with the tap of the repository's meltano.yml."""

    def __init__(self, host: Host, keap: Installed, folder: Path, programs: Path | None) -> None:
        """Write the project. Its plugins are installed already."""
        super().__init__(host, keap, folder, programs)
        found = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
        extractors = [one for one in found["plugins"]["extractors"] if one["name"] == TAP]
        extractors[0].pop("pip_url", None)
        extractors[0]["executable"] = str(keap.programs / TAP)
        setting = {"name": "destination_path", "value": str(keap.rows)}
        loader = {
            "name": "target-jsonl",
            "namespace": "target_jsonl",
            "executable": str(keap.programs / "target-jsonl"),
            "settings": [setting],
        }
        found["plugins"] = {"extractors": extractors, "loaders": [loader]}
        found["send_anonymous_usage_stats"] = False
        (folder / "meltano.yml").write_text(yaml.safe_dump(found, sort_keys=False))

    def _environment(self, settings: dict[str, Any]) -> dict[str, str]:
        account = {"api_key": self.keap.box.api_key, "api_url": self.keap.box.url}
        given = {**account, **PACE, **settings}
        return {
            **super()._environment(settings),
            "MELTANO_CLI_LOG_FORMAT": "uncolored",
            "NO_COLOR": "1",
            **{f"TAP_INFUSIONSOFT_{name.upper()}": str(value) for name, value in given.items()},
        }


class Scheduled:
    """A scheduler with the example in it."""

    def __init__(self, scheduler: Scheduler, keap: Installed) -> None:
        """Take the scheduler, which is running.

        Args:
            scheduler: The scheduler.
            keap: The programs and folders of the examples.
        """
        self.keap, self._scheduler = keap, scheduler

    def start(self, attempt: int, **settings: Any) -> None:  # noqa: ARG002, the state is in keap's folder
        """Start a run."""
        self.keap.configure(**settings)
        self._scheduler.start()

    def stop(self, way: str) -> None:  # noqa: ARG002, there is one
        """Stop the run as people stop one in this host."""
        self._scheduler.stop()

    def says(self) -> str:
        """Return the state that the host shows."""
        try:
            return self._scheduler.says()
        except (TimeoutError, subprocess.TimeoutExpired):
            raise HangsError from None

    def log(self) -> str:
        """Return the host's log of the run."""
        return self._scheduler.log

    def tap(self) -> int:
        """Return the id of the tap's process."""
        (found,) = _matching(f"{self.keap.programs}/{TAP}")
        return found

    def processes(self) -> list[int]:
        """Return the ids of load.sh, the tap and the target."""
        return _matching(str(self.keap.programs))


class Pod(Scheduled):
    """The pod of the manifest. Its processes have the paths of the image."""

    def __init__(self, kubelet: Kubelet, keap: Installed) -> None:
        """Take what runs the pod."""
        super().__init__(kubelet, keap)
        self._kubelet = kubelet

    def tap(self) -> int:
        """Return the id of the tap's process."""
        return descendant(self._kubelet.process.pid, f"/{TAP}")

    def processes(self) -> list[int]:
        """Return the id of process 1, with which all others end."""
        ended = self._kubelet.process.poll() is not None
        return [] if ended else [first_process(self._kubelet.process.pid)]


@contextmanager
def _process(host: Host, keap: Installed, folder: Path, programs: Path | None) -> Iterator[Running]:
    yield Process(host, keap, folder, programs)


@contextmanager
def _meltano(host: Host, keap: Installed, folder: Path, programs: Path | None) -> Iterator[Running]:
    yield Meltano(host, keap, folder, programs)


@contextmanager
def _cron(host: Host, keap: Installed, folder: Path, programs: Path | None) -> Iterator[Running]:  # noqa: ARG001
    yield Scheduled(Cron(keap, folder), keap)


@contextmanager
def _kubernetes(
    host: Host,  # noqa: ARG001
    keap: Installed,
    folder: Path,
    programs: Path | None,  # noqa: ARG001
) -> Iterator[Running]:
    folder.mkdir()
    keap.leave_out("api_key")  # it comes from the Secret
    yield Pod(Kubelet(keap, build(folder), folder), keap)


def _served(
    serve: Callable[[Installed, Path, Path], AbstractContextManager[Scheduler]],
) -> Callable[[Host, Installed, Path, Path | None], AbstractContextManager[Running]]:
    @contextmanager
    def found(host: Host, keap: Installed, folder: Path, programs: Path | None) -> Iterator[Running]:
        if programs is None:
            raise ValueError(f"{host.name} needs programs: declare what it requires")
        with serve(keap, folder, programs) as scheduler:
            yield Scheduled(scheduler, keap)

    return found


KINDS: dict[str, Callable[[Host, Installed, Path, Path | None], AbstractContextManager[Running]]] = {
    "process": _process,
    "meltano": _meltano,
    "cron": _cron,
    "airflow": _served(airflow),
    "dagster": _served(dagster),
    "prefect": _served(prefect),
    "kubernetes": _kubernetes,
}
"""What starts a host and ends it, by the `kind` of its declaration."""
