"""The sandbox: a made-up Keap account on this machine, used the way a person at Keap's screens would use theirs."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any, Self

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

START_SECONDS = 60.0
CALL_SECONDS = 60.0
TRIES = 30
"""Keap allows so many calls a second; the sandbox does as Keap does."""
READY = "listening on "


class Keap:
    """The account, open between ``with`` and its end."""

    def __init__(
        self, program: Path, log: Path, api_key: str, contacts: int, switches: Mapping[str, object]
    ) -> None:
        if not program.exists():
            raise FileNotFoundError(
                f"{program.name} is not in {program.parent}; remove that folder's parent and try again"
            )
        self._log = log
        self._command: list[str | Path] = [
            program,
            "--port",
            "0",
            "--seed",
            "1",
            "--contacts",
            str(contacts),
            "--api-key",
            api_key,
            *(f"--set={name}={value}" for name, value in switches.items()),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy on the way to this machine
        self._http.headers["Authorization"] = f"Bearer {api_key}"
        self.url = ""

    def __enter__(self) -> Self:
        """Start the sandbox and wait for it."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.url = self._address(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the sandbox."""
        self._stop()

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the account, by collection: the truth that a copy has to match."""
        names = self._ask("GET", "/sandbox/records")["collections"]
        return {name: self._rows(name) for name in names if name != "report_rows"}

    def saved_search_rows(self, report_id: str) -> list[dict[str, Any]]:
        """What a saved search finds."""
        return self._rows(f"report_rows?report_id={report_id}")

    def calls(self) -> int:
        """How many API calls the account has answered so far."""
        return len(self._ask("GET", "/sandbox/requests")["requests"])

    def add(self, collection: str, **record: object) -> str:
        """Make a record; returns its id."""
        return str(self._ask("POST", f"/crm/rest/v2/{collection}", record)["id"])

    def edit(self, collection: str, record_id: str, **record: object) -> None:
        """Change fields of a record."""
        self._ask("PATCH", f"/crm/rest/v2/{collection}/{record_id}", record)

    def delete(self, collection: str, record_id: str) -> None:
        """Delete a record for good."""
        self._ask("DELETE", f"/crm/rest/v2/{collection}/{record_id}")

    def apply_tag(self, tag_id: str, contact_ids: list[str]) -> None:
        """Apply a tag to contacts."""
        self._ask("POST", f"/crm/rest/v2/tags/{tag_id}/contacts:applyTags", {"contact_ids": contact_ids})

    def remove_tag(self, tag_id: str, contact_ids: list[str]) -> None:
        """Take a tag from contacts."""
        self._ask("POST", f"/crm/rest/v2/tags/{tag_id}/contacts:removeTags", {"contact_ids": contact_ids})

    def _rows(self, collection: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._ask("GET", f"/sandbox/records/{collection}")["records"]
        return rows

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        for _ in range(TRIES):
            answer = self._http.request(
                method, f"{self.url}{path}", json=body, timeout=CALL_SECONDS, allow_redirects=False
            )
            if answer.ok:
                return answer.json() if answer.content else None
            if answer.status_code != requests.codes.too_many_requests:
                break
            time.sleep(1)
        raise RuntimeError(f"{method} {path}: the sandbox answered {answer.status_code}: {answer.text[:200]}")

    def _address(self, process: subprocess.Popen[bytes]) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            for line in self._log.read_text(errors="replace").splitlines(keepends=True):
                if line.startswith(READY) and line.endswith("\n"):
                    return line.removeprefix(READY).strip()
            time.sleep(0.05)
        raise RuntimeError("the sandbox did not start")

    def _stop(self) -> None:
        self._http.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
