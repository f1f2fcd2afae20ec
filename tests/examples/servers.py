"""Programs of a host that run beside a test, and questions to them over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests.processes import PATIENCE

WAITS = (0.5, 1, 2, 4, 8, 16)
"""Seconds before each further question to a server that is busy."""


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(
    words: Sequence[str | Path], env: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program as long as the `with` block, in its own session, and end its whole group.

    Args:
        words: The command.
        env: Its environment.
        log: File for what it says.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=log.parent,
        )
    try:
        yield process
    finally:
        for number in (signal.SIGINT, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(PATIENCE / 3)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                process.wait()


def ask(method: str, url: str, body: object = None, token: str = "") -> Any:
    """Send JSON to a server of this machine, and return the JSON that it answers with.

    A server that is busy, with its SQLite database for example, is asked again, as its own client would.

    Args:
        method: The HTTP method.
        url: The address.
        body: What to send; None for nothing.
        token: Bearer token; empty for none.
    """
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    for wait in (*WAITS, None):
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE or wait is None:
                raise
            time.sleep(wait)
    return None


def answers(url: str) -> bool:
    """Return whether a server answers at an address."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False
