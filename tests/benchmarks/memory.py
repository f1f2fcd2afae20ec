"""How much memory the tap takes for accounts of different sizes: ``python -m tests.benchmarks.memory``.

The account is the sandbox in a process of its own, the tap is the installed program, and what it writes is counted
and thrown away. The figure is the largest resident size that the system saw of the tap's process. It must not grow
with the account. No part of `make test`: a million contacts take minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from demo.keap import Keap

BIN = Path(sys.executable).parent
KEY = "KeapAK-benchmark"
SWITCHES = {"limits": "off", "quota_headers": "blank"}
CONTACTS = (10_000, 100_000, 1_000_000)
MOST_GROWTH = 1.2


@dataclass(frozen=True)
class Measured:
    """What one run took.

    Attributes:
        records: How many it wrote.
        peak: Its largest resident size, in bytes.
        seconds: How long it ran.
    """

    records: int
    peak: int
    seconds: float


def catalog(config: Path, stream: str) -> str:
    """A catalogue that selects one stream."""
    found = subprocess.run(
        [BIN / "tap-infusionsoft", "--config", config, "--discover"], capture_output=True, check=True
    )
    document = json.loads(found.stdout)
    for entry in document["streams"]:
        for meta in entry["metadata"]:
            if not meta["breadcrumb"]:
                meta["metadata"]["selected"] = entry["tap_stream_id"] == stream
    return json.dumps(document)


def run(folder: Path, stream: str, contacts: int) -> Measured:
    """Let the tap read a stream of an account once.

    Raises:
        RuntimeError: It failed.
    """
    with Keap(BIN / "tap-infusionsoft-sandbox", folder / "sandbox.log", KEY, contacts, SWITCHES) as keap:
        config = folder / "config.json"
        settings = {"api_key": KEY, "api_url": keap.url, "requests_per_second": 1000, "saved_searches": []}
        config.write_text(json.dumps(settings))
        (folder / "catalog.json").write_text(catalog(config, stream))
        began = time.monotonic()
        with (folder / "tap.log").open("wb") as log:
            tap = subprocess.Popen(
                [BIN / "tap-infusionsoft", "--config", config, "--catalog", folder / "catalog.json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert tap.stdout is not None
        records = sum(line.startswith(b'{"type":"RECORD"') for line in tap.stdout)
        _, status, usage = os.wait4(tap.pid, 0)
        tap.returncode = os.waitstatus_to_exitcode(status)
        if tap.returncode:
            raise RuntimeError(
                f"the tap ended with {tap.returncode}: {(folder / 'tap.log').read_text()[-2000:]}"
            )
    if stream == "contacts" and records != contacts:
        raise RuntimeError(f"the tap wrote {records} of {contacts} contacts")
    if usage.ru_maxrss <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        raise RuntimeError(
            "a process is never seen smaller than the one that started it: nothing was measured"
        )
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(records, usage.ru_maxrss * unit, time.monotonic() - began)


def main() -> int:
    """Measure, print a table, and return 1 if memory grows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("contacts", nargs="*", type=int, default=CONTACTS, help="sizes of the account")
    parser.add_argument("--stream", default="contacts", help="the stream to read (default: contacts)")
    arguments = parser.parse_args()
    sys.stdout.write(f"{'contacts':>10}{'records':>10}{'peak MB':>10}{'ratio':>8}{'seconds':>9}\n")
    first, worst = 0, 0.0
    for contacts in arguments.contacts:
        with tempfile.TemporaryDirectory(prefix="keap-memory-") as folder:
            found = run(Path(folder), arguments.stream, contacts)
        first = first or found.peak
        worst = max(worst, found.peak / first)
        sys.stdout.write(
            f"{contacts:>10,}{found.records:>10,}{found.peak / 1e6:>10.1f}{found.peak / first:>8.2f}{found.seconds:>9.0f}\n"
        )
        sys.stdout.flush()
    return int(worst > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
