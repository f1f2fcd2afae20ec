"""Two weeks of nights on the sandbox's clock, as data for the pictures of docs/copy.md.

``python -m tools.nights`` loads a made-up account, lets fourteen days pass in which people work with it, and
notes after each night how every stream was read, and when each of a few events arrived in the copy. It takes
a minute, and writes docs/pictures/nights.json; `make docs` draws it.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.target import Target
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[1] / "docs" / "pictures" / "nights.json"
NIGHTS = 14
HAPPENS = 2
"""The night before which the events happen."""
HALF_A_DAY = 43_200
KEY = "KeapAK-sandbox"
PAGE = 40
"""Most rows of a page, so that a small account takes as many calls as a large one."""
CONTACTS = 600
TOUCHED = 8
"""Rows of each of `EDITED` that change in a day."""
EDITED = ("contacts", "orders", "notes")
STREAMS = (
    "contacts",
    "orders",
    "notes",
    "contact_tags",
    "emails",
    "payments",
    "tags",
    "campaigns",
    "referrals",
    "product_inventory",
    "affiliate_payments",
    "lead_source_expenses",
)
"""Streams that are read, in the order of the picture."""


@dataclass(frozen=True)
class Event:
    """Something that happens in the account on the day before the night `HAPPENS`.

    Attributes:
        what: What it is, as the picture says it.
        happen: Makes it happen in the account.
        arrived: Whether a copy shows it.
    """

    what: str
    happen: Callable[[Sandbox], object]
    arrived: Callable[[Target], bool]


def _row(target: Target, stream: str, **match: str) -> dict[str, Any] | None:
    """Return the row of a copy that has these values, or None."""
    found = (row for row in target.rows(stream) if all(row[name] == value for name, value in match.items()))
    return next(found, None)


def events(box: Sandbox) -> list[Event]:
    """Return the events, each about a row that nothing else changes."""
    contacts, tagged = box.records("contacts"), box.records("contact_tags")
    edited, gone = contacts[100]["id"], contacts[200]["id"]
    pair = {name: tagged[300][name] for name in ("contact_id", "tag_id")}
    expense, payment = box.records("lead_source_expenses")[-1], box.records("affiliate_payments")[-1]

    def edit(stream: str, key: str, row: dict[str, Any], **values: str) -> Callable[[Sandbox], object]:
        return lambda account: account.plant(stream, upsert=[{key: row[key], **values}])

    return [
        Event(
            "A contact is edited",
            lambda account: account.plant(
                "contacts", upsert=[{"id": edited, "given_name": "Ada"}], touch=True
            ),
            lambda copy: (_row(copy, "contacts", id=edited) or {}).get("given_name") == "Ada",
        ),
        Event(
            "A contact gets a tag",
            lambda account: account.plant(
                "contact_tags",
                upsert=[{"contact_id": edited, "tag_id": "91", "applied_at": account.clock_text()}],
            ),
            lambda copy: _row(copy, "contact_tags", contact_id=edited, tag_id="91") is not None,
        ),
        Event(
            "A payment to an affiliate is edited",
            edit("affiliate_payments", "id", payment, pay_notes="edited"),
            lambda copy: _row(copy, "affiliate_payments", pay_notes="edited") is not None,
        ),
        Event(
            "An expense of a lead source is edited",
            edit("lead_source_expenses", "id", expense, title="edited"),
            lambda copy: _row(copy, "lead_source_expenses", title="edited") is not None,
        ),
        Event(
            "A contact is deleted",
            lambda account: account.plant("contacts", delete=[gone]),
            lambda copy: _row(copy, "contacts", id=gone) is None,
        ),
        Event(
            "A contact loses a tag",
            lambda account: account.plant("contact_tags", delete=[pair]),
            lambda copy: _row(copy, "contact_tags", **pair) is None,
        ),
    ]


class Nights:
    """The account, the copy, and what each night did.

    Attributes:
        reads: Stream -> how it was read in the first load and in each night.
        arrived: Event -> after how many nights the copy showed it.
    """

    def __init__(self, box: Sandbox, clock: VirtualClock) -> None:
        """Load the account, before anything happens in it.

        Args:
            box: The account.
            clock: Its clock.
        """
        self._box, self._clock = box, clock
        self._target = Target()
        self._catalog: dict[str, Any] | None = None
        self.reads: dict[str, list[dict[str, Any]]] = {name: [] for name in STREAMS}
        self.arrived: dict[str, int] = {}
        self._run()

    def pass_by(self, count: int) -> None:
        """Let days pass, with a run in each night.

        Args:
            count: Number of days.
        """
        happening = events(self._box)
        rng = random.Random(1)
        for night in range(1, count + 1):
            self._clock.pass_time(HALF_A_DAY)
            for stream in EDITED:
                ids = rng.sample(self._box.records(stream, ids_only=True), TOUCHED)
                self._box.plant(stream, upsert=[{"id": one} for one in ids], touch=True)
            if night == HAPPENS:
                for event in happening:
                    event.happen(self._box)
            self._clock.pass_time(HALF_A_DAY)
            self._run()
            for event in happening:
                if night >= HAPPENS and event.what not in self.arrived and event.arrived(self._target):
                    self.arrived[event.what] = night - HAPPENS + 1

    def _run(self) -> None:
        output = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(output):
            report = Path(folder) / "report.json"
            tap = TapInfusionsoft(
                config={
                    "api_key": KEY,
                    "api_url": self._box.url,
                    "requests_per_second": 1_000_000,
                    "requests_per_minute": 1_000_000,
                    "requests_per_hour": 1_000_000,
                    "streams": list(STREAMS),
                    "report_file": str(report),
                },
                catalog=self._catalog,
                state=self._target.state,
                clock=self._clock,
                rng=random.Random(1),
            )
            self._catalog = tap.catalog_dict
            tap.sync_all()
            read = {one["stream"]: one for one in json.loads(report.read_text(encoding="utf-8"))["streams"]}
        self._target.take(output.getvalue())
        for name, nights in self.reads.items():
            one = read[name]
            nights.append({"how": _how(name, one, is_first=not nights), "calls": one["calls"]})


def _how(stream: str, read: dict[str, Any], *, is_first: bool) -> str:
    """Return how a stream was read: ``all``, ``part`` (of its parents) or ``changes``."""
    if not is_first and COLLECTIONS[stream].parents is not None:
        return "part"
    return "changes" if read["passes"] == ["increment"] else "all"


def data() -> str:
    """Run the nights, and return the data as JSON."""
    clock = VirtualClock()
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": PAGE}
    with Sandbox(seed=1, contacts=CONTACTS, api_key=KEY, clock=clock.epoch, switches=switches) as box:
        nights = Nights(box, clock)
        nights.pass_by(NIGHTS)
    streams = ",\n".join(f"  {json.dumps(name)}: {json.dumps(reads)}" for name, reads in nights.reads.items())
    arrived = json.dumps(nights.arrived, indent=2).replace("\n", "\n ")
    return f'{{\n "reads": {{\n{streams}\n }},\n "arrived": {arrived}\n}}\n'


def main() -> None:
    """Write the data."""
    DATA.write_text(data(), encoding="utf-8")
    sys.stdout.write(f"{DATA} is written\n")


if __name__ == "__main__":
    main()
