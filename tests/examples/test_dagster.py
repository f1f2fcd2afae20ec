"""The example for Dagster: `dagster dev`, and runs launched and terminated as its pages do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.examples.hosts import Outcome, until, walk
from tests.examples.installed import Installed, programs_of
from tests.examples.servers import answers, ask, free_port, running

START_SECONDS = 180
LAUNCH = """mutation($run: ExecutionParams!) {
    launchRun(executionParams: $run) { ... on LaunchRunSuccess { run { runId } } } }"""
TERMINATE = (
    "mutation($id: String!) { terminateRun(runId: $id) { ... on TerminateRunSuccess { run { id } } } }"
)
RUN = """query($id: ID!) { runOrError(runId: $id) { ... on Run {
    status eventConnection { events { ... on LogMessageEvent { message level } } } } } }"""
SCHEDULES = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
    name location { name } schedules { pipelineName cronSchedule scheduleState { status } } } } } }"""


class Dagster:
    """A Dagster instance."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._run = ""

    def ask(self, query: str, **variables: Any) -> Any:
        """Send GraphQL."""
        return ask("POST", self._url, {"query": query, "variables": variables})["data"]

    def start(self) -> None:
        (found,) = self.ask(SCHEDULES)["repositoriesOrError"]["nodes"]
        (schedule,) = found["schedules"]
        assert schedule["scheduleState"]["status"] == "RUNNING"
        job = {
            "repositoryLocationName": found["location"]["name"],
            "repositoryName": found["name"],
            "pipelineName": schedule["pipelineName"],
        }
        launched = self.ask(LAUNCH, run={"selector": job, "mode": "default"})
        self._run = launched["launchRun"]["run"]["runId"]

    def stop(self) -> None:
        assert self.ask(TERMINATE, id=self._run)["terminateRun"]["run"]

    def outcome(self) -> Outcome:
        def run() -> Any:
            return self.ask(RUN, id=self._run)["runOrError"]

        until(lambda: run()["status"] in {"SUCCESS", "FAILURE", "CANCELED"}, "the end of the run")
        ended = run()
        if ended["status"] == "SUCCESS":
            texts = [one["message"] for one in ended["eventConnection"]["events"] if "message" in one]
            is_later = any(text.startswith("Stopped for now.") for text in texts)
            return Outcome.LATER if is_later else Outcome.DONE
        assert ended["status"] == "CANCELED"
        return Outcome.STOPPED

    @property
    def has_loaded(self) -> bool:
        """Whether the definitions are loaded."""
        return bool(self.ask(SCHEDULES)["repositoriesOrError"].get("nodes"))


@pytest.fixture
def host(keap: Installed, tmp_path: Path) -> Iterator[Dagster]:
    programs = programs_of("Dagster")
    folder = tmp_path / "dagster"
    definitions = keap.copy("dagster/keap_definitions.py", folder)
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    port = free_port()
    env = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder), "DAGSTER_HOME": str(folder)}
    words: list[str | Path] = [
        programs / "dagster",
        "dev",
        "-f",
        definitions,
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    with running(words, env, folder / "dagster.log"):
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/server_info"), "the server", START_SECONDS)
        found = Dagster(f"{url}/graphql")
        until(lambda: found.has_loaded, "the definitions", START_SECONDS)
        yield found


def test_dagster(host: Dagster, keap: Installed) -> None:
    walk(host, keap)
