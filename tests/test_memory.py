"""A run takes no more memory for more rows."""

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
"""Runs a program and prints the most memory that it used. A process also counts the size of the one that it
was forked from, and that of the tests is large."""


def pages(count: int, server: RawServer, connection: socket.socket) -> None:
    """Answer with so many pages of note templates."""
    while head := server.head(connection):
        found = re.search(rb"page_token=(\d+)", head)
        number = int(found[1]) if found else 0
        rows = [{"id": str(number * ROWS + row), "description": "x" * 300} for row in range(ROWS)]
        token = str(number + 1) if number + 1 < count else ""
        body = json.dumps({"note_templates": rows, "next_page_token": token}).encode()
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def peak(folder: Path, count: int) -> int:
    """The most memory that a run over so many pages takes; bytes."""
    with raw_server(lambda server, connection: pages(count, server, connection)) as server:
        config = {
            "api_key": KEY,
            "api_url": server.url,
            "requests_per_second": 1e6,
            "requests_per_minute": 1_000_000,
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
    assert many - few < 24 << 20, "a number for each row, to see that none slips between pages, and no more"
