"""What differs between destinations: how rows are merged, and how those that are gone are deleted."""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import dlt

from tap_infusionsoft.dlt.problems import BridgeError
from tap_infusionsoft.dlt.tables import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from tap_infusionsoft.dlt.tables import Stream

_KNOW_JSON = {"duckdb", "motherduck", "postgres"}
"""Destinations that take JSON from Arrow tables as JSON; others get it as text."""
_DUCKDB = {"memory_limit": "160MB", "threads": "1"}
"""Beyond that memory, DuckDB uses temporary files; its own default is most of the machine's memory. Packages
are small: more threads would take time from the tap and from dlt."""


class Writing:
    """How the destination of a pipeline is written. Plain files can't be changed, so they are a history."""

    def __init__(self, pipeline: Any, table_format: str | None) -> None:
        """Look at the destination."""
        name, able = (
            pipeline.destination.destination_type.rpartition(".")[2],
            pipeline.destination.capabilities(),
        )
        strategy = "upsert" if name == "filesystem" else "delete-insert"
        if strategy not in (able.supported_merge_strategies or ()):
            raise BridgeError(f"dlt can't merge and delete rows in {name}. Load into another destination.")
        self.is_history = name == "filesystem" and table_format is None
        merge = {"disposition": "merge", "strategy": strategy}
        self._hints = {
            "write_disposition": "append" if self.is_history else merge,
            "table_format": table_format,
        }
        # In PostgreSQL, CSV would make NULL of empty texts, and Parquet json of jsonb.
        parquet = name != "postgres" and "parquet" in able.supported_loader_file_formats
        self.file_format = "parquet" if parquet else "insert_values"
        self.named: Callable[[str], str] = pipeline.naming.normalize_identifier
        self._pipeline, self._format, self._json = (
            pipeline,
            table_format,
            "json" if name in _KNOW_JSON else "text",
        )
        self._is_duckdb = name == "duckdb"
        setting = f"destination.{pipeline.destination.destination_name}.credentials.global_config"
        if self._is_duckdb and dlt.secrets.get(setting) is None:
            os.environ[setting.upper().replace(".", "__")] = json.dumps(_DUCKDB)

    def kept_open(self) -> AbstractContextManager[Any]:
        """Keep DuckDB's file open. Whenever nobody has it open, DuckDB writes what changed a second time."""
        opened: AbstractContextManager[Any] = (
            self._pipeline.sql_client() if self._is_duckdb else nullcontext()
        )
        return opened

    def hints(self, stream: Stream) -> dict[str, Any]:
        """Return dlt's hints for the table of a stream."""
        names: dict[str, str] = {}
        for column in stream.kinds:
            if (other := names.setdefault(self.named(column), column)) != column:
                raise BridgeError(
                    f"{stream.name}: {other} and {column} would both be called {self.named(column)} in the "
                    "destination. Deselect or rename one of them."
                )
        columns = {
            column: {
                "name": column,
                "data_type": self._json if kind.hint == "json" else kind.hint,
                "nullable": column not in stream.keys,
            }
            for column, kind in stream.kinds.items()
        }
        return self._hints | {"columns": columns, "primary_key": stream.keys}

    def widen(self, name: str, columns: Any, schema: str) -> None:
        """Add columns to a table that is there. Doing it again changes nothing.

        Other destinations get them with the rows. pyiceberg compares new rows with the last
        snapshot, in its columns, and fails if new rows have more of them. So a snapshot must have them first.

        Args:
            name: Name of the table.
            columns: Arrow schema of the new columns.
            schema: dlt's name of the schema.
        """
        if self._format != "iceberg":
            return
        (table,) = self._opened([name], schema).values()
        with table.update_schema() as update:
            update.union_by_name(columns)
        table.append(table.schema().as_arrow().empty_table())

    def delete(self, versions: Mapping[str, int], schema: str) -> None:
        """Delete the rows of each table that are of older versions. Doing it again changes nothing."""
        conditions = {name: f"{VERSION} < {one} OR {VERSION} IS NULL" for name, one in versions.items()}
        if self._format is None:
            with self._pipeline.sql_client(schema) as client:
                for name, condition in conditions.items():
                    table = client.make_qualified_table_name(name)
                    client.execute_sql(f"DELETE FROM {table} WHERE {condition}")  # noqa: S608
            return
        for name, table in self._opened(conditions, schema).items():
            table.delete(conditions[name])

    def _opened(self, names: Iterable[str], schema: str) -> Mapping[str, Any]:
        """Return the Delta or Iceberg tables with these names."""
        if self._format == "delta":
            from dlt.common.libs.deltalake import get_delta_tables as opened  # noqa: PLC0415
        else:
            from dlt.common.libs.pyiceberg import get_iceberg_tables as opened  # noqa: PLC0415
        found: Mapping[str, Any] = opened(self._pipeline, *names, schema_name=schema)
        return found
