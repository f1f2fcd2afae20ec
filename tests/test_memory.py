"""Memory does not grow with the number of rows."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

from tests.canary import KEY
from tests.program import TAP
from tests.sockets import RawServer, raw_server

ROWS = 1000

MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
"""Runs a program and prints its peak memory. That includes the memory of the process which forked it, so the
large process of the tests must not do that itself."""


def pages(count: int, server: RawServer, connection: socket.socket) -> None:
    """Answer with `count` pages of note templates."""
    while head := server.head(connection):
        found = re.search(rb"page_token=(\d+)", head)
        number = int(found[1]) if found else 0
        rows = [{"id": str(number * ROWS + row), "description": "x" * 300} for row in range(ROWS)]
        token = str(number + 1) if number + 1 < count else ""
        body = json.dumps({"note_templates": rows, "next_page_token": token}).encode()
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def peak(folder: Path, count: int) -> int:
    """Return the peak memory of a run over `count` pages, in bytes."""
    with raw_server(lambda server, connection: pages(count, server, connection)) as server:
        config = {
            "api_key": KEY,
            "api_url": server.url,
            "requests_per_second": 1e6,
            "requests_per_minute": 1_000_000,
            "requests_per_hour": 1_000_000,
            "saved_searches": [],
        }
        (folder / "config.json").write_text(json.dumps(config))
        with (folder / "out").open("wb") as out:
            done = subprocess.run(
                [sys.executable, "-c", MEASURED, TAP, "--config", "config.json", "--catalog", "catalog.json"],
                cwd=folder,
                stdout=out,
                stderr=subprocess.PIPE,
                timeout=120,
                check=True,
            )
    with (folder / "out").open("rb") as lines:
        assert sum(b'"RECORD"' in line for line in lines) == count * ROWS
    return int(done.stderr.split()[-1]) * 1024


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path) -> None:
    properties = {"id": {"type": "string"}, "description": {"type": ["string", "null"]}}
    stream = {"tap_stream_id": "note_templates", "schema": {"type": "object", "properties": properties}}
    metadata = [{"breadcrumb": [], "metadata": {"selected": True}}]
    (tmp_path / "catalog.json").write_text(json.dumps({"streams": [{**stream, "metadata": metadata}]}))
    few, many = peak(tmp_path, 5), peak(tmp_path, 80)
    assert many < 300 << 20
    assert many - few < 24 << 20, (
        "it keeps a number per row, to find rows that slip between pages, and no more"
    )
