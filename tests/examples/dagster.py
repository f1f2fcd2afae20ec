"""Dagster with the example: `dagster dev`, and runs launched and terminated as its pages do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.examples.hosts import Outcome, until
from tests.examples.installed import Installed
from tests.examples.servers import answers, ask, free_port, running

START_SECONDS = 180
LAUNCH = """mutation($run: ExecutionParams!) {
    launchRun(executionParams: $run) { ... on LaunchRunSuccess { run { runId } } } }"""
TERMINATE = (
    "mutation($id: String!) { terminateRun(runId: $id) { ... on TerminateRunSuccess { run { id } } } }"
)
RUN = """query($id: ID!) { runOrError(runId: $id) { ... on Run {
    status eventConnection { events { ... on LogMessageEvent { message level } } } } } }"""
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
SCHEDULES = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
    name location { name } schedules { pipelineName cronSchedule scheduleState { status } } } } } }"""


class Dagster:
    """A Dagster instance."""

    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
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

    def says(self) -> str:
        until(lambda: self._ended()["status"] in ENDED, "the end of the run")
        ended = self._ended()
        events = ended["eventConnection"]["events"]
        warned = any(event.get("level") == "WARNING" for event in events)
        return f"{ended['status']}, with a warning" if warned else str(ended["status"])

    def outcome(self) -> Outcome:
        said = self.says()
        if said == "SUCCESS, with a warning":
            texts = [one["message"] for one in self._ended()["eventConnection"]["events"] if "message" in one]
            assert any(text.startswith("Stopped for now.") for text in texts)
            return Outcome.LATER
        return {"SUCCESS": Outcome.DONE, "CANCELED": Outcome.STOPPED}[said]

    @property
    def log(self) -> str:
        found = self._folder.glob(f"**/{self._run}/compute_logs/*")
        return "\n".join(path.read_text() for path in sorted(found))

    def _ended(self) -> Any:
        return self.ask(RUN, id=self._run)["runOrError"]

    @property
    def has_loaded(self) -> bool:
        """Whether the definitions are loaded."""
        return bool(self.ask(SCHEDULES)["repositoriesOrError"].get("nodes"))


@contextmanager
def dagster(keap: Installed, folder: Path, programs: Path) -> Iterator[Dagster]:
    """Run Dagster with the example as long as the `with` block.

    Args:
        keap: What the example needs.
        folder: A folder for Dagster.
        programs: The folder of its programs.
    """
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
        found = Dagster(f"{url}/graphql", folder)
        until(lambda: found.has_loaded, "the definitions", START_SECONDS)
        yield found
