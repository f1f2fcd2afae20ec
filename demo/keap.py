"""A Keap account on this machine: runs `keap-sandbox`, and changes records as a person would in Keap."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any, Self

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START_SECONDS = 60.0
CALL_SECONDS = 60.0
TRIES = 30
"""One per second: like Keap, the sandbox limits calls per second and per minute."""
FIRST_LINE = "listening on "


class Keap:
    """A sandbox that runs as long as a `with` block."""

    def __init__(
        self, program: Path, log: Path, api_key: str, contacts: int, switches: Mapping[str, object]
    ) -> None:
        """Prepare the command.

        Args:
            program: The command `keap-sandbox`.
            log: The file for its output.
            api_key: The API key it accepts.
            contacts: The number of contacts.
            switches: The switches to set, by name.

        Raises:
            FileNotFoundError: If the command isn't installed.
        """
        if not program.exists():
            raise FileNotFoundError(
                f"{program.name} is not in {program.parent}; remove {program.parents[1]} and try again"
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
        """Start the sandbox and wait until it accepts requests."""
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

    def __exit__(self, *_: object) -> None:
        """Stop the sandbox."""
        self._stop()

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return every record in the account by collection, to compare a copy with."""
        names = self._ask("GET", "/sandbox/records")["collections"]
        return {name: self._rows(name) for name in names if name != "report_rows"}

    def calls(self) -> int:
        """Return the number of API calls so far."""
        return len(self._ask("GET", "/sandbox/requests")["requests"])

    def add(self, collection: str, **record: object) -> str:
        """Create a record and return its id."""
        return str(self._ask("POST", f"/crm/rest/v2/{collection}", record)["id"])

    def edit(self, collection: str, record_id: str, **record: object) -> None:
        """Change fields of a record."""
        self._ask("PATCH", f"/crm/rest/v2/{collection}/{record_id}", record)

    def delete(self, collection: str, record_id: str) -> None:
        """Delete a record."""
        self._ask("DELETE", f"/crm/rest/v2/{collection}/{record_id}")

    def apply_tag(self, tag_id: str, contact_ids: list[str]) -> None:
        """Apply a tag to contacts."""
        self._ask("POST", f"/crm/rest/v2/tags/{tag_id}/contacts:applyTags", {"contact_ids": contact_ids})

    def remove_tag(self, tag_id: str, contact_ids: list[str]) -> None:
        """Remove a tag from contacts."""
        self._ask("POST", f"/crm/rest/v2/tags/{tag_id}/contacts:removeTags", {"contact_ids": contact_ids})

    def _rows(self, collection: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._ask("GET", f"/sandbox/records/{collection}")["records"]
        return rows

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        for _ in range(TRIES):
            response = self._http.request(
                method, f"{self.url}{path}", json=body, timeout=CALL_SECONDS, allow_redirects=False
            )
            if response.ok:
                return response.json() if response.content else None
            if response.status_code != requests.codes.too_many_requests:
                break
            time.sleep(1)
        raise RuntimeError(
            f"{method} {path}: the sandbox answered {response.status_code}: {response.text[:200]}"
        )

    def _address(self, process: subprocess.Popen[bytes]) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            for line in self._log.read_text(errors="replace").splitlines(keepends=True):
                if line.startswith(FIRST_LINE) and line.endswith("\n"):
                    return line.removeprefix(FIRST_LINE).strip()
            time.sleep(0.05)
        raise RuntimeError(f"the sandbox did not start; see {self._log}")

    def _stop(self) -> None:
        self._http.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
