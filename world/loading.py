"""Load the account through one target, as often as it has variants, and compare each time."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import msgspec

from world.account import BATCHES, LOADS, ZONE
from world.cells import Kind
from world.compare import Comparison, compare
from world.results import without_paths
from world.truth import Truth
from world.venvs import InstallError, installed, python_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from world.declared import Target, Variant
    from world.warehouses.base import Destination, Warehouse

MOST_SECONDS = 900
"""Seconds that one load may take."""
LOG_LINES = 3
_VERSION = re.compile(r',"version":\d+(?=,"time_extracted":"[^"]*"\}$)')
"""The version that ends a RECORD. The rest of the line stays as the tap wrote it, number for number."""


class Load(msgspec.Struct, omit_defaults=True):
    """What came of one load.

    Attributes:
        exit_code: How the target ended.
        error: The end of its log, if it failed.
        state: What became of the state: "last" if the last line is the last state of the tap.
        rows: Rows that the account has.
        cells: Cells that were compared.
        deleted: Deleted rows that were looked for.
        differences: Differences by kind.
        examples: An example of each kind.
    """

    exit_code: int | None = None
    error: str = ""
    state: str = ""
    rows: int = 0
    cells: int = 0
    deleted: int = 0
    differences: dict[str, int] = {}
    examples: dict[str, str] = {}


class Result(msgspec.Struct, omit_defaults=True):
    """What came of a target.

    Attributes:
        name: The target.
        version: Its version.
        python: The version of Python that it ran with.
        date: Day of the run.
        not_installed: Why it could not be installed.
        loads: Name of each variant -> what came of its loads.
        batch: What it does with BATCH messages.
    """

    name: str
    version: str
    python: str = ""
    date: str = ""
    not_installed: str = ""
    loads: dict[str, list[Load]] = {}
    batch: str = ""


def try_target(target: Target, warehouse: Warehouse, messages: Path, folder: Path) -> Result:
    """Load the account with every variant of a target.

    Args:
        target: The target.
        warehouse: What it loads into.
        messages: The folder that `account.record` filled.
        folder: A folder for its files and logs. It is emptied.
    """
    result = Result(target.name, target.version, python_version(), f"{datetime.now(UTC):%Y-%m-%d}")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        programs = installed(target.name, target.requirements)
    except InstallError as error:
        result.not_installed = without_paths(str(error))
        return result
    program = programs / target.program
    for number, variant in enumerate(target.variants):
        place = f"{target.name}_{number}".replace("-", "_")
        destination = empty_place(warehouse, place, folder / place)
        result.loads[variant.name] = _try_variant(program, variant, destination, messages, folder / place)
    place = f"{target.name}_batch".replace("-", "_")
    destination = empty_place(warehouse, place, folder / place)
    result.batch = _try_batch(program, target.variants[0], destination, messages, folder / place)
    return result


def empty_place(warehouse: Warehouse, name: str, folder: Path) -> Destination:
    """Return an empty destination.

    Args:
        warehouse: Where it is.
        name: A name that no other destination has.
        folder: A folder that does not exist yet. It gets a folder ``files`` for what is loaded.
    """
    (folder / "files").mkdir(parents=True)
    return warehouse.empty(name, folder / "files")


def _try_variant(
    program: Path, variant: Variant, destination: Destination, messages: Path, folder: Path
) -> list[Load]:
    truth, loads = Truth(), []
    config = _config(variant, destination, folder)
    for name in LOADS:
        lines = messages / f"{name}.jsonl"
        truth.take_file(lines)
        if not variant.has_versions:
            lines = _without_versions(lines, folder)
        load = _load(program, config, variant.environment, lines, folder / f"{name}.log", truth.state)
        compare_with(truth, load, destination, variant)
        loads.append(load)
        if load.exit_code:
            break
    return loads


def _without_versions(lines: Path, folder: Path) -> Path:
    """Return messages as the tap writes them with ``"activate_versions": false``."""
    path = folder / lines.name
    with path.open("w", encoding="utf-8") as plain:
        for line in lines.read_text(encoding="utf-8").split("\n")[:-1]:
            if '"type":"ACTIVATE_VERSION"' not in line:
                plain.write(_VERSION.sub("", line) + "\n")
    return path


def compare_with(truth: Truth, load: Load, destination: Destination, variant: Variant) -> None:
    """Compare a warehouse with the truth, and write down what is different.

    Args:
        truth: What it must hold.
        load: The load after which it is compared. Gets the counts, the differences and examples.
        destination: The place that was loaded.
        variant: How it was loaded.
    """
    keys = {stream: table.keys for stream, table in truth.tables.items()}
    try:
        found: Comparison = compare(truth.tables, destination.read(keys), variant.shape)
    except (OSError, ValueError, UnicodeError) as error:
        load.error = f"{load.error} What it wrote can't be read: {type(error).__name__}: {error}".strip()
        return
    load.rows, load.cells, load.deleted = found.rows, found.cells, found.deleted
    load.differences, load.examples = dict(sorted(found.counts.items())), dict(sorted(found.examples.items()))


def _config(variant: Variant, destination: Destination, folder: Path) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(filled(variant.settings, destination.places())))
    return path


def filled(settings: Any, places: Mapping[str, str]) -> Any:
    """Replace the placeholders in settings.

    Args:
        settings: The settings, or a part of them.
        places: What each placeholder stands for.
    """
    if isinstance(settings, dict):
        return {name: filled(value, places) for name, value in settings.items()}
    if isinstance(settings, list | tuple):
        return [filled(value, places) for value in settings]
    if isinstance(settings, str):
        for name, value in places.items():
            settings = settings.replace(f"{{{name}}}", value)
    return settings


def _load(
    program: Path, config: Path, environment: Mapping[str, str], lines: Path, log: Path, state: Any
) -> Load:
    """Run the target once."""
    began = time.monotonic()
    output = log.with_suffix(".out")
    with lines.open("rb") as messages, output.open("wb") as states, log.open("wb") as errors:
        try:
            code: int | None = subprocess.run(  # noqa: S603
                [program, "--config", config],
                stdin=messages,
                stdout=states,
                stderr=errors,
                env={**_environment(program), **environment},
                cwd=log.parent / "files",
                timeout=MOST_SECONDS,
                check=False,
            ).returncode
        except FileNotFoundError:
            code = 127
            errors.write(f"it installs no command called {program.name}".encode())
        except subprocess.TimeoutExpired:
            code = None
    load = Load(exit_code=code, state=_state(output, state))
    if code != 0:
        load.error = end_of_log(log) or f"nothing in its log after {time.monotonic() - began:.0f} seconds"
    return load


def _environment(program: Path) -> dict[str, str]:
    """Return an environment without the settings of this machine's user."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PATH": f"{program.parent}:/usr/bin:/bin", "TZ": ZONE, "PYTHONUNBUFFERED": "1"}


def _state(output: Path, wanted: Any) -> str:
    lines = [line for line in output.read_text(errors="replace").splitlines() if line.strip()]
    if not lines:
        return "none"
    try:
        last = json.loads(lines[-1])
    except ValueError:
        return "last line is no state"
    return "last" if last == wanted else "another"


def end_of_log(log: Path) -> str:
    """Return the last lines of a log, without what differs in each run."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return without_paths(" | ".join(line[:200] for line in lines[-LOG_LINES:]))


def _try_batch(
    program: Path, variant: Variant, destination: Destination, messages: Path, folder: Path
) -> str:
    """Say what a target does with BATCH messages."""
    truth = Truth()
    truth.take_file(messages / f"{LOADS[0]}.jsonl")
    lines = _own_batches(messages, folder)
    load = _load(
        program,
        _config(variant, destination, folder),
        variant.environment,
        lines,
        folder / f"{BATCHES}.log",
        truth.state,
    )
    if load.exit_code:
        return f"refuses, exit code {load.exit_code}"
    compare_with(truth, load, destination, variant)
    missing = load.differences.get(Kind.ROW_MISSING, 0) + load.differences.get(Kind.FIRST_ROW_MISSING, 0)
    if missing >= load.rows:
        return "ignores in silence: exit code 0, and no row arrives"
    return "loads" if not missing else f"loads {load.rows - missing:,} of {load.rows:,} rows"


def _own_batches(messages: Path, folder: Path) -> Path:
    """Copy the files of BATCH messages, because some targets delete what they have loaded."""
    copies = folder / "batch-files"
    copies.mkdir()
    path = folder / f"{BATCHES}.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for line in (messages / f"{BATCHES}.jsonl").read_text(encoding="utf-8").splitlines():
            message = json.loads(line)
            if message["type"] == "BATCH":
                message["manifest"] = [_copied(url, copies) for url in message["manifest"]]
            lines.write(json.dumps(message) + "\n")
    return path


def _copied(url: str, folder: Path) -> str:
    source = Path(url2pathname(urlparse(url).path))
    with gzip.open(source):  # a file that is none would be our fault
        return Path(shutil.copy(source, folder)).as_uri()
