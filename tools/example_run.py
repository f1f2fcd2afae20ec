"""A check and two nights of a made-up account, as docs/runs.md shows them: what they print, and the report.

``python -m tools.example_run`` runs them on the sandbox's clock and writes docs/example/; `make docs` puts
the texts into the page.
"""

from __future__ import annotations

import contextlib
import io
import logging
import random
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typing_extensions import override

from keap_sandbox import Sandbox
from tap_infusionsoft.check.checked_tap import CheckedTap
from tap_infusionsoft.check.command import Check
from tap_infusionsoft.check.table import as_text
from tap_infusionsoft.tap import TapInfusionsoft
from tests.target import Target
from tests.virtual import VirtualClock

FOLDER = Path(__file__).parents[1] / "docs" / "example"
KEY = "KeapAK-sandbox"
CONTACTS = 500
STREAMS = [
    "contacts",
    "contact_tags",
    "tags",
    "orders",
    "order_items",
    "affiliates",
    "affiliate_payments",
    "emails",
]
HALF_A_DAY = 43_200


class Log(logging.Handler):
    """Keeps the lines of the log, without their times."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if not record.getMessage().startswith("Skipping parse"):  # the SDK's, which says nothing of the run
            self.lines.append(f"{record.levelname:<8} {record.getMessage()}")


def files() -> dict[str, str]:
    """Run the example, and return its files: name -> content."""
    clock = VirtualClock()
    log = Log()
    logger = logging.getLogger("tap-infusionsoft")
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    try:
        with (
            TemporaryDirectory() as folder,
            Sandbox(seed=1, contacts=CONTACTS, api_key=KEY, clock=clock.epoch) as box,
        ):
            report = Path(folder) / "report.html"
            config = {
                "api_key": KEY,
                "api_url": box.url,
                "streams": STREAMS,
                "concurrency": 1,  # so that every run of the example takes the same seconds
                "report_file": str(report),
            }
            target = Target()
            checked = CheckedTap(config=config, clock=clock, rng=random.Random(1))
            check = as_text(Check(checked).run()) + "\n"
            _run(config, target, clock)
            clock.pass_time(HALF_A_DAY)
            _people_work(box)
            clock.pass_time(HALF_A_DAY)
            log.lines.clear()
            _run(config, target, clock)
            page = re.sub(
                r"tap-infusionsoft \d[^\s,<]*", "tap-infusionsoft", report.read_text(encoding="utf-8")
            )
            lines = "\n".join(log.lines).replace(f"{folder}/", "")
    finally:
        logger.removeHandler(log)
    return {"check.txt": check, "log.txt": f"{lines}\n", "report.html": page}


def _people_work(box: Sandbox) -> None:
    """Let people work with the account for a day."""
    rng = random.Random(2)
    for stream in ("contacts", "orders"):
        edited = rng.sample(box.records(stream, ids_only=True), 12)
        box.plant(stream, upsert=[{"id": one} for one in edited], touch=True)
    box.plant("tags", delete=[box.records("tags")[-1]["id"]])
    box.fault({"path": "/v2/orders", "nth": 1, "status": 503})


def _run(config: dict[str, Any], target: Target, clock: VirtualClock) -> None:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        tap = TapInfusionsoft(config=config, state=target.state, clock=clock, rng=random.Random(1))
        tap.sync_all()
    target.take(output.getvalue())


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{FOLDER / name} is written\n")


if __name__ == "__main__":
    main()
