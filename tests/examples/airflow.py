"""Airflow with the example: its scheduler, DAG processor and API, over which runs are started and stopped."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests.examples.hosts import Outcome, until
from tests.examples.installed import Installed
from tests.examples.servers import answers, ask, free_port, running

START_SECONDS = 240
ENDED = {"success": Outcome.DONE, "skipped": Outcome.LATER, "failed": Outcome.STOPPED}
RETRIED = "up_for_retry"
"""The state of a task that failed and is due again in some minutes."""


class Airflow:
    """An Airflow deployment."""

    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
        self._url = f"{url}/api/v2/dags/keap"
        self._token = ask("GET", f"{url}/auth/token")["access_token"]
        self._runs = 0

    def ask(self, method: str, path: str = "", body: object = None) -> Any:
        """Ask about the DAG."""
        return ask(method, self._url + path, body, self._token)

    def start(self) -> None:
        self.ask("PATCH", "", {"is_paused": False})
        self._runs += 1
        self.ask("POST", "/dagRuns", {"dag_run_id": self._run, "logical_date": None})

    def stop(self) -> None:
        self.ask("PATCH", f"/dagRuns/{self._run}", {"state": "failed"})

    def says(self) -> str:
        until(lambda: self._state() in {*ENDED, RETRIED}, "the end of the task")
        found = self._state()
        if found == RETRIED:
            self.stop()  # so that it does not start by itself
        return str(found)

    def outcome(self) -> Outcome:
        until(lambda: self._state() in ENDED, "the end of the task")
        return ENDED[self._state()]

    @property
    def log(self) -> str:
        runs = self._folder / "logs" / "dag_id=keap" / f"run_id={self._run}"
        return "\n".join(path.read_text() for path in sorted(runs.glob("task_id=load/*.log")))

    def _state(self) -> Any:
        (task,) = self.ask("GET", f"/dagRuns/{self._run}/taskInstances")["task_instances"]
        return task["state"]

    @property
    def has_dag(self) -> bool:
        """Whether the DAG has been read."""
        try:
            return bool(self.ask("GET")["dag_id"] == "keap")
        except HTTPError:
            return False

    @property
    def _run(self) -> str:
        return f"run-{self._runs}"


@contextmanager
def airflow(keap: Installed, folder: Path, programs: Path) -> Iterator[Airflow]:
    """Run Airflow with the example as long as the `with` block.

    Args:
        keap: What the example needs.
        folder: A folder for Airflow.
        programs: The folder of its programs.
    """
    keap.copy("airflow/keap_dag.py", folder / "dags")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(folder),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    }
    with (folder / "migrate.log").open("w") as log:
        subprocess.run(
            [programs / "airflow", "db", "migrate"], env=env, stdout=log, stderr=subprocess.STDOUT, check=True
        )
    with ExitStack() as stack:
        for part in ("api-server", "scheduler", "dag-processor"):
            stack.enter_context(running([programs / "airflow", part], env, folder / f"{part}.log"))
        until(lambda: answers(f"{url}/api/v2/version"), "the server", START_SECONDS)
        found = Airflow(url, folder)
        until(lambda: found.has_dag, "the DAG", START_SECONDS)
        yield found
