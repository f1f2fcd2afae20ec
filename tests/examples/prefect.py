"""Prefect with the example: a server, and a process that serves the flow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.examples.hosts import Outcome, until
from tests.examples.installed import Installed
from tests.examples.servers import answers, ask, free_port, running

ENDED = {"Completed": Outcome.DONE, "TryAgainLater": Outcome.LATER, "Cancelled": Outcome.STOPPED}
BROKEN = {"Failed", "Crashed"}
START_SECONDS = 180


class Prefect:
    """A Prefect server."""

    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
        self._url = url
        self._run = ""
        self._read = 0

    def start(self) -> None:
        self._read = len(self._text)
        deployment = ask("GET", f"{self._url}/deployments/name/keap/hourly")["id"]
        self._run = ask("POST", f"{self._url}/deployments/{deployment}/create_flow_run", {})["id"]

    def stop(self) -> None:
        state = {"type": "CANCELLING", "name": "Cancelling"}
        ask("POST", f"{self._url}/flow_runs/{self._run}/set_state", {"state": state})

    def says(self) -> str:
        until(lambda: self._state() in {*ENDED, *BROKEN}, "the end of the flow run")
        return self._state()

    def outcome(self) -> Outcome:
        return ENDED[self.says()]

    @property
    def log(self) -> str:
        return self._text[self._read :]

    @property
    def _text(self) -> str:
        return (self._folder / "flow.log").read_text()

    def _state(self) -> str:
        return str(ask("GET", f"{self._url}/flow_runs/{self._run}")["state"]["name"])

    @property
    def is_served(self) -> bool:
        found = ask("POST", f"{self._url}/deployments/filter", {})
        return any(one["name"] == "hourly" for one in found)


@contextmanager
def prefect(keap: Installed, folder: Path, programs: Path) -> Iterator[Prefect]:
    """Run Prefect with the example as long as the `with` block.

    Args:
        keap: What the example needs.
        folder: A folder for Prefect.
        programs: The folder of its programs.
    """
    flow = keap.copy("prefect/keap_flow.py", folder)
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    env = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(folder),
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    server: list[str | Path] = [
        programs / "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with running(server, env, folder / "server.log"):
        until(lambda: answers(f"{url}/health"), "the server", START_SECONDS)
        with running([programs / "python", flow], env, folder / "flow.log"):
            found = Prefect(url, folder)
            until(lambda: found.is_served, "the schedule", START_SECONDS)
            yield found
