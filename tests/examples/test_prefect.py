"""The example for Prefect: a server, and a process that serves the flow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.hosts import Outcome, until, walk
from tests.examples.installed import Installed, programs_of
from tests.examples.servers import answers, ask, free_port, running

ENDED = {"Completed": Outcome.DONE, "TryAgainLater": Outcome.LATER, "Cancelled": Outcome.STOPPED}
START_SECONDS = 180


class Prefect:
    """A Prefect server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._run = ""

    def start(self) -> None:
        deployment = ask("GET", f"{self._url}/deployments/name/keap/hourly")["id"]
        self._run = ask("POST", f"{self._url}/deployments/{deployment}/create_flow_run", {})["id"]

    def stop(self) -> None:
        state = {"type": "CANCELLING", "name": "Cancelling"}
        ask("POST", f"{self._url}/flow_runs/{self._run}/set_state", {"state": state})

    def outcome(self) -> Outcome:
        def state() -> str:
            return str(ask("GET", f"{self._url}/flow_runs/{self._run}")["state"]["name"])

        until(lambda: state() in ENDED, "the end of the flow run")
        return ENDED[state()]

    @property
    def is_served(self) -> bool:
        found = ask("POST", f"{self._url}/deployments/filter", {})
        return any(one["name"] == "hourly" for one in found)


@pytest.fixture
def host(keap: Installed, tmp_path: Path) -> Iterator[Prefect]:
    programs = programs_of("Prefect")
    folder = tmp_path / "prefect"
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
            found = Prefect(url)
            until(lambda: found.is_served, "the schedule", START_SECONDS)
            yield found


def test_prefect(host: Prefect, keap: Installed) -> None:
    walk(host, keap)
