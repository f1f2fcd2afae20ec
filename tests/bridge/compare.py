"""Compares every cell of a warehouse with what the tap says now, and its rows with the account."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests import truth
from tests.bridge.warehouses import Bridge
from tests.target import Target

ADDED = {"_sdc_extracted_at", "_sdc_sequence", "_sdc_table_version"}
LIMITED = "report_fields"
"""The settings of these tests leave out its rows."""


def account(folder: Path, config: Mapping[str, Any]) -> Target:
    """Read the account afresh, with every digit of its numbers."""
    path = folder / "truth" / "config.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(dict(config)))
    done = subprocess.run(
        [sys.executable, "-m", "tap_infusionsoft", "--config", path],
        capture_output=True,
        text=True,
        check=True,
    )
    target = Target()
    target.fraction = Decimal
    target.take(done.stdout)
    return target


def differences(bridge: Bridge, box: Sandbox, target: Target) -> tuple[list[str], Counter[str]]:
    """Compare all tables.

    Returns:
        What differs, and how much was compared.
    """
    wrong: list[str] = []
    count: Counter[str] = Counter()
    for stream, schema in target.schemas.items():
        keys = target.keys(stream)
        columns = schema["properties"]
        copy: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in bridge.rows(stream, keys):
            cells = {name: plain(value, columns.get(name, {})) for name, value in row.items()}
            key = tuple(cells[name] for name in keys)
            wrong += [f"{stream}: {key} is there twice"] * (key in copy)
            copy[key] = cells
        wanted = {tuple(row[name] for name in keys): row for row in target.rows(stream)}
        wrong += [f"{stream}: {key} is missing" for key in wanted.keys() - copy.keys()]
        wrong += [f"{stream}: {key} is not in Keap" for key in copy.keys() - wanted.keys()]
        for key in wanted.keys() & copy.keys():
            names = copy[key].keys() - ADDED
            wrong += [f"{stream}: the columns {names ^ columns.keys()}"] * (names != columns.keys())
            for name in columns:
                found, there = copy[key].get(name), wanted[key].get(name)
                if found != there:
                    wrong.append(f"{stream} {key} {name}: {found!r} instead of {there!r}")
            count["cells"] += len(columns)
        count["rows"] += len(wanted)
        count["tables"] += 1
        if stream in COLLECTIONS and stream != LIMITED:
            rows = [json.loads(json.dumps(row, default=float)) for row in copy.values()]
            wrong += [f"{stream}: {one}" for one in truth.differences(box, stream, rows, schema)]
    return wrong, count


def plain(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a cell as the tap wrote it."""
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    if isinstance(value, date):
        return value.isoformat()
    types = schema.get("type", ())
    if isinstance(value, str) and "string" not in types:
        return json.loads(value, parse_float=Decimal)
    return value
