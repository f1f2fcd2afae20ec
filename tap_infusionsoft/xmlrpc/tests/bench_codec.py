"""x: CPU to read pages of XML-RPC into rows, relative to Python's own client, `xmlrpc.client`.

Each page has 1,000 rows of 20 fields: ids, texts, times and numbers, written as the service writes them. The
tap converts times to UTC and counts what it repairs. `xmlrpc.client` does neither, and refuses a page that
needs a repair, so such a page is compared with the same one before it was broken. Both read each page once,
in turn, in their own process.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from keap_sandbox.xmlrpc.writing import Writer
from tap_infusionsoft.client.call import Answer
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpc, XmlRpcCall
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.runs import environment

PAGES = 15
PAGE_ROWS = 1000
GOAL = 0.4

_CALL = XmlRpcCall(
    "DataService.query",
    ROWS,
    arguments=("Contact", PAGE_ROWS, 0, {}, [], "Id", True),
    limit=1,
    times=frozenset({"DateCreated", "LastUpdated"}),
    days=frozenset({"Birthday"}),
)
_CITIES = ("Ogden", "Provo", "Lehi", "São Paulo", "St. George")
_NOTES = ("", "Called on Monday, wants a quote.", "Mother & father of two\nPrefers e-mail.", "VIP <gold>")


def page(number: int) -> list[dict[str, Any]]:
    """The rows of a page of contacts."""
    rng = random.Random(number)
    return [_row(PAGE_ROWS * number + place, rng) for place in range(1, PAGE_ROWS + 1)]


def _row(number: int, rng: random.Random) -> dict[str, Any]:
    created = datetime(2014, 1, 1) + timedelta(seconds=rng.randrange(380_000_000))  # noqa: DTZ001  # Eastern
    return {
        "Id": number,
        "FirstName": f"Ann{number % 97}",
        "LastName": rng.choice(("Smith", "O'Brien", "Müller", "Nguyen")),
        "Email": f"person{number}@example.com",
        "Phone1": f"(801) 555-{number % 10_000:04}",
        "StreetAddress1": f"{number % 900} Main Street",
        "StreetAddress2": "",
        "City": rng.choice(_CITIES),
        "State": "UT",
        "PostalCode": f"{rng.randrange(100_000):05}",
        "Country": "United States",
        "CompanyID": rng.randrange(5000),
        "OwnerID": rng.randrange(1, 60),
        "Leadsource": rng.choice(("Web", "Friends, family", "")),
        "ContactNotes": rng.choice(_NOTES),
        "DateCreated": created,
        "LastUpdated": created + timedelta(seconds=rng.randrange(30_000_000)),
        "Birthday": datetime(1940 + number % 65, 1 + number % 12, 1 + number % 28),  # noqa: DTZ001
        "_Score": round(rng.random() * 1000, 3),
        "_Balance": float(rng.randrange(10_000)),
    }


def broken(body: bytes) -> bytes:
    """The same page with something to repair in every tenth row, in turn of five kinds."""
    kinds = (b"A\x0bB", b"A&#55357;&#56832;", b"Caf\xe9", b"A & B", b"A&#16B")
    parts = body.split(b"<value>United States</value>")
    between = [
        b"<value>%s</value>" % (kinds[place // 10 % len(kinds)] if place % 10 == 0 else b"United States")
        for place in range(len(parts) - 1)
    ]
    return b"".join(part + end for part, end in zip(parts, [*between, b""], strict=True))


def ours(body: bytes) -> int:
    """Read a page as the tap does, and return the number of rows."""
    document, fault = XmlRpc().read(Answer(200, {}, body), _CALL, 0, datetime.now(UTC))
    return len(document[ROWS]) if fault is None else 0


def read(body: bytes, *, use_builtin_types: bool = False) -> list[dict[str, Any]]:
    """The rows that `xmlrpc.client` reads."""
    found: Any = xmlrpc.client.loads(body, use_builtin_types=use_builtin_types)
    rows: list[dict[str, Any]] = found[0][0]
    return rows


def theirs(body: bytes) -> int:
    """Read it as the users of `xmlrpc.client` do."""
    return len(read(body, use_builtin_types=True))


def plain(body: bytes) -> int:
    """Read it with times left as they are."""
    return len(read(body))


def measure(pages: int) -> dict[str, float]:
    """Return the seconds of CPU that each reader takes for these many pages."""
    spent: dict[str, float] = {}
    for number in range(pages):
        body = Writer().response(page(number))
        readers: list[tuple[str, Callable[[bytes], int], bytes]] = [
            ("ours", ours, body),
            ("ours, broken", ours, broken(body)),
            ("theirs", theirs, body),
            ("plain", plain, body),
        ]
        for name, reader, wire in readers if number % 2 else reversed(readers):
            began = time.process_time()
            rows = reader(wire)
            spent[name] = spent.get(name, 0.0) + time.process_time() - began
            if rows != PAGE_ROWS:
                raise NotMeasuredError(f"{name}: read {rows:,} rows of {PAGE_ROWS:,}")
    return spent


def run(table: Table, folder: Path, pages: int = PAGES) -> None:
    """Measure in its own process."""
    command = [sys.executable, "-m", __spec__.name, str(pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        raise NotMeasuredError(f"XML-RPC: {done.stderr[-500:]}")
    spent = json.loads(done.stdout)
    del folder  # nothing is written
    each = f"{spent['ours'] / pages / PAGE_ROWS * 1e6:.1f} us per row of 20 fields"
    what = "XML-RPC pages / xmlrpc.client with times as datetime, CPU"
    table.add("x", what, "ratio", spent["ours"] / spent["theirs"], goal=GOAL, note=each)
    what = "the same with repairs in every tenth row"
    table.add("x", what, "ratio", spent["ours, broken"] / spent["theirs"], goal=GOAL)
    table.add(
        "x", "XML-RPC pages / xmlrpc.client with times as text, CPU", "ratio", spent["ours"] / spent["plain"]
    )


if __name__ == "__main__":
    json.dump(measure(int(sys.argv[1])), sys.stdout)
