"""The account that every target loads: made once, loaded, changed, and loaded again.

The tap's output is kept in files, so that each target gets the same messages.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.truth import differences
from world.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED = 1
CONTACTS = 120
KEY = "KeapAK-world"
LOADS = ("load-1", "load-2")
BATCHES = "batches"
CALL_SECONDS = 30
FAST = {"requests_per_second": 1000, "requests_per_minute": 1_000_000, "requests_per_hour": 1_000_000}
SWEEP = {"sweep_interval_days": 0.00001}
"""Settings of the second load: it looks for deleted rows as well."""
ZONE = "America/New_York"
"""Time zone of every target and database, because times must be right in any."""
AWKWARD = {
    "given_name": "",
    "family_name": 'O\'Brien, "Bob"; \\ \t',
    "middle_name": "NULL",
    "preferred_name": "\\N",
    "job_title": "Zoë 张伟 🎈",
    "website": "007",
    "spouse_name": "None",
    "suffix": "1e5",
    "prefix": " leading and trailing ",
}
"""Values of a contact that some targets change: empty, quotes, tabs, names of null, beyond ASCII, digits."""
LONG = "Line one\nline two\r\nand “three”, " * 6_000
"""A note of 192,000 characters, more than MySQL's TEXT and Redshift's VARCHAR hold."""
NEW_FIELD = "World new field"


def contact_ids(box: Sandbox) -> list[str]:
    """Return the ids of all contacts."""
    return [str(row["id"]) for row in box.records("contacts")]


def open_account() -> Sandbox:
    """Return the sandbox, not yet started."""
    return Sandbox(seed=SEED, contacts=CONTACTS, api_key=KEY, switches={"limits": "off"})


def make_awkward(box: Sandbox) -> None:
    """Give some rows values that targets get wrong: no row of the sample account has all of them."""
    first, second, third, *_ = contact_ids(box)
    box.plant(
        "contacts",
        upsert=[
            {"id": first, **AWKWARD},
            {"id": second, "given_name": None, "family_name": "0012", "job_title": "x" * 300},
            {"id": third, "given_name": "Line\nbreak", "family_name": "0.10", "website": "2026-02-30"},
        ],
        touch=True,
    )
    notes = box.records("notes")
    box.plant("notes", upsert=[{"id": notes[0]["id"], "text": ""}, {"id": notes[1]["id"], "text": "0"}])


def change(box: Sandbox) -> None:
    """Create, edit and delete rows, and add a custom field, as people would at Keap's screens."""
    field = add_field(box)
    people = contact_ids(box)
    new = {
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email_addresses": [{"email": "ada@world.test", "field": "EMAIL1"}],
        "custom_fields": [{"id": field["id"], "content": "007 new, “quoted”"}],
    }
    _call(box, "POST", "/v2/contacts", new)
    _call(box, "PATCH", f"/v2/contacts/{people[3]}", {"given_name": "", "job_title": "Edited"})
    value = {"custom_fields": [{"id": field["id"], "content": "0042"}]}
    _call(box, "PATCH", f"/v2/contacts/{people[4]}", value)
    for person in people[10:14]:
        _call(box, "DELETE", f"/v2/contacts/{person}")
    for stream in ("notes", "tags", "opportunities", "companies"):
        rows = box.records(stream)
        box.plant(stream, delete=[rows[-1]["id"]])
    notes = box.records("notes")
    box.plant("notes", upsert=[{"id": notes[2]["id"], "text": LONG}, {"text": "New note"}], touch=True)
    _amounts(box)


def add_field(box: Sandbox) -> dict[str, Any]:
    """Add a custom field to contacts, and return its record."""
    _call(box, "POST", "/v2/contacts/model/customFields", {"label": NEW_FIELD, "field_type": "TEXT"})
    return next(one for one in box.records("contact_custom_fields") if one["label"] == NEW_FIELD)


def _amounts(box: Sandbox) -> None:
    """Give amounts cents, many digits, and a minus."""
    amounts = (-0.01, 12345678901234.56, 0.1, -1250)
    box.plant(
        "payments",
        upsert=[
            {"id": row["id"], "amount": amount}
            for row, amount in zip(box.records("payments"), amounts, strict=False)
        ],
        touch=True,
    )
    paid = box.records("affiliate_commissions")
    box.plant(
        "affiliate_commissions",
        upsert=[{**paid[0], "amount_earned": -12.34}, {**paid[1], "amount_earned": 99999.99}],
    )


def _call(box: Sandbox, method: str, path: str, body: Mapping[str, object] | None = None) -> None:
    response = requests.request(
        method,
        f"{box.url}/crm/rest{path}",
        json=body,
        headers={"Authorization": f"Bearer {box.api_key}"},
        timeout=CALL_SECONDS,
    )
    response.raise_for_status()


def run_tap(box: Sandbox, output: Path, state: Path | None = None, **settings: Any) -> None:
    """Run the tap once.

    Args:
        box: The account.
        output: File for its output. Its log is beside it.
        state: File with the state to go on from.
        settings: Settings of the tap, beside those that every run has.

    Raises:
        RuntimeError: It failed.
    """
    config = output.with_suffix(".config.json")
    config.write_text(json.dumps({"api_key": KEY, "api_url": box.url, **FAST, **settings}))
    command: list[str | Path] = [Path(sys.executable).with_name("tap-infusionsoft"), "--config", config]
    if state:
        command += ["--state", state]
    log = output.with_suffix(".log")
    with output.open("wb") as lines, log.open("wb") as errors:
        code = subprocess.run(  # noqa: S603
            command, stdout=lines, stderr=errors, check=False, env=os.environ | {"TZ": ZONE}
        ).returncode
    if code:
        raise RuntimeError(f"the tap ended with {code}; see {log}")


def record(folder: Path) -> None:
    """Make the account, load it, change it, load it again, and keep the tap's messages.

    Args:
        folder: Gets ``load-1.jsonl`` and ``load-2.jsonl``, and ``batches.jsonl`` with the first load once
            more as BATCH messages.

    Raises:
        RuntimeError: The tap failed, or what it emitted is not what the account holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth = Truth()
    with open_account() as box:
        make_awkward(box)
        first, second = (folder / f"{name}.jsonl" for name in LOADS)
        read_into(truth, box, first)
        run_tap(
            box,
            folder / f"{BATCHES}.jsonl",
            batch_config={
                "encoding": {"format": "jsonl", "compression": "gzip"},
                "storage": {"root": (folder / BATCHES).as_uri()},
            },
        )
        change(box)
        read_into(truth, box, second, **SWEEP)


def read_into(truth: Truth, box: Sandbox, output: Path, **settings: Any) -> None:
    """Run the tap from the truth's last state, and take what it emits.

    Args:
        truth: Gets the messages.
        box: The account.
        output: File for the messages.
        settings: Settings of the tap, beside those that every run has.

    Raises:
        RuntimeError: The tap failed, or what it emitted is not what the account holds.
    """
    state = None if truth.state is None else output.with_suffix(".state.json")
    if state:
        state.write_text(json.dumps(truth.state))
    run_tap(box, output, state, **settings)
    truth.take_file(output)
    _check(box, truth)


def _check(box: Sandbox, truth: Truth) -> None:
    """Compare what the tap emitted with what the sandbox stores."""
    wrong = [
        f"{stream}: {what}"
        for stream, table in truth.tables.items()
        if stream in COLLECTIONS and stream != "custom_fields"
        for what in differences(box, stream, table.rows.values(), table.schema)
    ]
    if wrong:
        raise RuntimeError("the tap's output is not what the account holds:\n" + "\n".join(wrong[:20]))
