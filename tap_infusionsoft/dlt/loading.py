"""Runs the tap, and loads what it reads in packages that hold rows and the state after them."""

from __future__ import annotations

import gc
import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import pyarrow as pa

from tap_infusionsoft.dlt.destinations import Writing
from tap_infusionsoft.dlt.packages import ROWS, packages
from tap_infusionsoft.dlt.problems import BridgeError, explained
from tap_infusionsoft.errors import SIGNALS, meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_infusionsoft.dlt.packages import Package

logger = logging.getLogger(__name__)

SOURCE = "tap_infusionsoft"
"""dlt's name of the source; the state is under it."""
_DELETED = "tap_infusionsoft_deleted"
_ACTIVATIONS = "_sdc_activations"
"""Table of a history: stream, and the version from which on its rows are there."""


def load(
    pipeline: Any,
    config: Mapping[str, Any] | str | os.PathLike[str] | None = None,
    *,
    catalog: str | os.PathLike[str] | None = None,
    table_format: str | None = None,
    package_rows: int = ROWS,
    on_start: Callable[[subprocess.Popen[bytes]], object] = lambda _: None,
) -> int:
    """Load what the tap reads, and return the number of rows.

    Args:
        pipeline: The pipeline, with a destination. It is for one account.
        config: The tap's settings, or the path of a file with them. By default, and beyond those that are
            given as a mapping, they are in environment variables.
        catalog: Path of a catalog.
        table_format: ``delta`` or ``iceberg``, for the destination ``filesystem``. Without it, files keep
            every version of every row.
        package_rows: Most rows that are loaded at a time.
        on_start: Called with the tap's process.

    Raises:
        BridgeError: The load ended early, or the tap did not end with 0; what it wrote is loaded then.
    """
    file: str = "ENV"
    own: dict[str, Any] = {}
    if isinstance(config, (str, os.PathLike)):
        file = os.fspath(config)
    elif config:
        own = {**config}
    settings = {
        f"TAP_INFUSIONSOFT_{name.upper()}": one if isinstance(one, str) else json.dumps(one)
        for name, one in own.items()
        if one is not None
    }
    words = [sys.executable, "-m", "tap_infusionsoft", "--config", file]
    words += [] if catalog is None else ["--catalog", os.fspath(catalog)]
    try:
        return _Load(pipeline, table_format).run(words, os.environ | settings, package_rows, on_start)
    except Exception as error:
        better = explained(error, pipeline.pipeline_name)
        if better is None or isinstance(error, BridgeError):
            raise
        raise better from error


class _Load:
    def __init__(self, pipeline: Any, table_format: str | None) -> None:
        self._pipeline, self._writing = pipeline, Writing(pipeline, table_format)

    def run(
        self,
        words: list[str],
        environment: Mapping[str, str],
        most: int,
        on_start: Callable[[subprocess.Popen[bytes]], object],
    ) -> int:
        self._pipeline.run()  # takes up a lost state from the destination, and loads a package that is left
        self._delete()
        kept, file, rows = self._kept(), Path(self._pipeline.working_dir) / "singer_state.json", 0
        file.write_text(json.dumps(kept.get("singer", {})))
        tap = subprocess.Popen(  # noqa: S603
            [*words, "--state", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # signals of the terminal reach it once, through us
        )
        reader = ThreadPoolExecutor(1)
        try:
            on_start(tap)
            found = packages(tap.stdout or (), kept.get("sequence", 0), most)
            with self._writing.kept_open():
                coming = reader.submit(next, found, None)
                while (package := coming.result()) is not None:
                    coming = reader.submit(next, found, None)  # it is read while this one is loaded
                    rows += package.count
                    self._load(package)
            code = tap.wait()
        finally:
            tap.terminate()
            reader.shutdown()
            tap.communicate()
        if code:
            code = code if code > 0 else SIGNALS - code
            raise BridgeError(f"The tap ended with exit code {code}: {meaning(code)}.", code)
        return rows

    def _kept(self) -> dict[str, Any]:
        found: dict[str, Any] = self._pipeline.state.get("sources", {}).get(SOURCE, {})
        return found

    def _load(self, package: Package) -> None:
        def keep() -> Iterator[None]:
            """Put the state into the package."""
            state = dlt.current.source_state()
            state |= {"sequence": package.sequence, "deletions": package.deletions}
            if package.state is not None:
                state["singer"] = package.state
            yield from ()

        tables = [*self._tables(package), dlt.resource(keep, name="singer_state")]
        source = dlt.source(lambda: tables, name=SOURCE)()
        source.schema_contract = {"data_type": "freeze"}
        self._pipeline.extract(source, loader_file_format=self._writing.file_format)
        package.rows.clear()
        tables.clear()
        del source
        gc.collect()  # dlt's objects hold the rows in circles
        pa.default_memory_pool().release_unused()
        self._pipeline.normalize()
        self._pipeline.load()
        self._delete()
        logger.info("Loaded a package of %d rows.", package.count)

    def _tables(self, package: Package) -> Iterator[Any]:
        """Yield what has rows, or columns that its table has not."""
        named = self._writing.named
        for name, rows in package.rows.items():
            hints = self._writing.hints(rows.stream)
            known = self._known().get(named(name), {}).get("columns", {})
            new = [column for column in hints["columns"] if named(column) not in known]
            if not rows.count and not new:
                continue
            table = rows.table()
            if known and new:
                fields = [table.schema.field(column).with_name(named(column)) for column in new]
                self._writing.widen(named(name), pa.schema(fields), SOURCE)
            yield dlt.resource([table], name=name, **hints)
        if self._writing.is_history and package.deletions:
            found = [{"stream": name, "version": version} for name, version in package.deletions.items()]
            yield dlt.resource(found, name=_ACTIVATIONS, write_disposition="append")

    def _known(self) -> Mapping[str, Any]:
        schemas = self._pipeline.schemas
        found: Mapping[str, Any] = schemas[SOURCE].tables if SOURCE in schemas else {}
        return found

    def _delete(self) -> None:
        """Delete what the last package says. A run that was killed before that does it when it starts."""
        deletions = self._kept().get("deletions", {})
        if (
            self._writing.is_history
            or not deletions
            or deletions == self._pipeline.state["_local"].get(_DELETED)
        ):
            return
        named = {self._writing.named(stream): version for stream, version in deletions.items()}
        self._writing.delete({name: one for name, one in named.items() if name in self._known()}, SOURCE)
        self._pipeline.set_local_state_val(_DELETED, deletions)
