"""Runs the tap once, whichever is installed beside this Python, on a virtual clock.

Both builds that are compared run this same script. It reads a JSON object from stdin: `config`, `state`,
`catalog` (null to discover one), `now` (an ISO time) and `clock` (the path of `tests/virtual.py`, which is
not installed beside the earlier build). It writes one to stdout: `catalog`, the last `state`, the number of
`records` by stream, and the seconds that `passed` on the clock.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import runpy
import sys
from collections import Counter
from typing import Any

from tap_infusionsoft.tap import TapInfusionsoft


class Output(io.StringIO):
    """Replaces stdout, and keeps only the last state and the number of records."""

    def __init__(self) -> None:
        super().__init__()
        self.state: dict[str, Any] = {}
        self.records: Counter[str] = Counter()

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.startswith('{"type":"STATE"'):
                self.state = json.loads(line)["value"]
            elif found := re.match(r'\{"type":"RECORD","stream":"(\w+)"', line):
                self.records[found[1]] += 1
        return len(text)


def main() -> None:
    """Run the tap as stdin says."""
    given = json.load(sys.stdin)
    clock = runpy.run_path(given["clock"])["VirtualClock"](given["now"])
    tap = TapInfusionsoft(config=given["config"], state=given["state"], catalog=given["catalog"], clock=clock)
    output = Output()
    with contextlib.redirect_stdout(output):
        tap.sync_all()
    done = {
        "catalog": tap.catalog_dict,
        "state": output.state,
        "records": output.records,
        "passed": sum(clock.waits),
    }
    sys.stdout.write(json.dumps(done))


if __name__ == "__main__":
    main()
