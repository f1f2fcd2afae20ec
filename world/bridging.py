"""Load the account through the bridge to dlt, change it, load it again, and compare each time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from world import account
from world.cells import instant
from world.loading import MOST_SECONDS, Load, Result, compare_with, empty_place, end_of_log, filled
from world.results import without_paths
from world.truth import Truth
from world.venvs import InstallError, installed, python_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from world.declared import Bridge
    from world.warehouses.base import Destination, Warehouse

ROOT = Path(__file__).parents[1]
PIPELINE = "keap"
"""The bridge's default for the name of a pipeline."""


def try_bridge(bridge: Bridge, warehouse: Warehouse, folder: Path) -> Result:
    """Load the account into one destination of the bridge.

    Args:
        bridge: How it is loaded.
        warehouse: What it is loaded into.
        folder: A folder for its files and logs. It is emptied.

    Raises:
        RuntimeError: The tap failed when it read the account for the comparison.
    """
    result = Result(bridge.name, bridge.version, python_version(), f"{datetime.now(UTC):%Y-%m-%d}")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        programs = installed(bridge.name, ["--editable", f"{ROOT}[dlt]", *bridge.requirements])
    except InstallError as error:
        result.not_installed = without_paths(str(error))
        return result
    name = bridge.name.replace("-", "_")
    destination = empty_place(warehouse, name, folder)
    (variant,) = bridge.variants
    result.loads[variant.name] = _loads(bridge, programs / bridge.program, destination, folder)
    return result


def _loads(bridge: Bridge, python: Path, destination: Destination, folder: Path) -> list[Load]:
    truth = Truth()
    loads: list[Load] = []
    with account.open_account() as box:
        account.make_awkward(box)
        for name in account.LOADS:
            settings = account.SWEEP if loads else {}
            if loads:
                account.change(box)
            began = datetime.now(UTC)
            config = folder / f"{name}.bridge.json"
            config.write_text(
                json.dumps({"api_key": account.KEY, "api_url": box.url, **account.FAST, **settings})
            )
            load = _load(bridge, python, config, destination.places(), folder / f"{name}.bridge.log")
            account.read_into(truth, box, folder / f"{name}.jsonl", **settings)
            load.state = state_found(kept_state(folder / "pipelines"), truth.state, began)
            compare_with(truth, load, destination, bridge.variants[0])
            loads.append(load)
            if load.exit_code != 0:
                break
    return loads


def _load(bridge: Bridge, python: Path, config: Path, places: Mapping[str, str], log: Path) -> Load:
    """Run the bridge once, with the settings of no user of this machine."""
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    own = {"HOME": str(log.parent), "PATH": f"{python.parent}:/usr/bin:/bin", "TZ": account.ZONE}
    with log.open("wb") as written:
        try:
            code: int | None = subprocess.run(  # noqa: S603
                command(bridge, python, config, log.parent / "pipelines", places),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                env=kept | own | environment(bridge, places),
                cwd=log.parent / "files",
                timeout=MOST_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
    return Load(exit_code=code, error="" if code == 0 else end_of_log(log) or "nothing in its log")


def command(
    bridge: Bridge, python: Path, config: Path, pipelines: Path, places: Mapping[str, str]
) -> list[str]:
    """Return the command line of a load.

    Args:
        bridge: What is loaded.
        python: The Python of the virtual environment that has the tap and dlt.
        config: File with the tap's settings.
        pipelines: Folder for dlt's files.
        places: What the placeholders in the options are.
    """
    words = [str(python), "-m", "tap_infusionsoft.dlt", "--config", str(config)]
    return [*words, "--pipelines-dir", str(pipelines), *filled(bridge.options, places)]


def environment(bridge: Bridge, places: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that say where the data go.

    Args:
        bridge: What is loaded.
        places: What the placeholders in the variables are.
    """
    found: dict[str, str] = filled(bridge.variants[0].environment, places)
    return found


def kept_state(pipelines: Path) -> Any:
    """Return the state of the tap that dlt keeps for the next load; None if there is none.

    Args:
        pipelines: Folder with dlt's files.
    """
    path = pipelines / PIPELINE / "state.json"
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return kept.get("sources", {}).get("tap_infusionsoft", {}).get("singer")


def state_found(kept: Any, wanted: Any, began: datetime) -> str:
    """Say what became of the state, in the words of `Load.state`.

    The two states are of different runs of the tap, so their times and counts of calls differ.

    Args:
        kept: The state that dlt keeps.
        wanted: The state of the tap when it read the same account.
        began: When the load began, with a zone. The state of an earlier load has only earlier times.
    """
    if kept is None:
        return "none"
    marks = kept["bookmarks"]
    is_new = any(moment >= began for moment in _moments(marks))
    return "last" if is_new and _without_times(marks) == _without_times(wanted["bookmarks"]) else "another"


def _without_times(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _without_times(inner) for name, inner in state.items() if name != "version"}
    if isinstance(state, list):
        return [_without_times(inner) for inner in state]
    return "a time" if _moment(state) else state


def _moments(state: Any) -> Iterator[datetime]:
    inner = state.values() if isinstance(state, dict) else state if isinstance(state, list) else ()
    for one in inner:
        yield from _moments(one)
    if (moment := _moment(state)) is not None:
        yield moment


def _moment(value: Any) -> datetime | None:
    return instant(value) if isinstance(value, str) and "T" in value else None
