"""Copy the tables of a PostgreSQL schema into a DuckDB file: `python demo/into_duckdb.py FILE SCHEMA`.

Runs in the virtual environment of dbt, which has the drivers of both. The connection comes from the usual
variables, such as ``PGHOST``. Objects and lists become JSON, as DuckDB's loaders store them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb
import psycopg2

_TYPES = {
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "integer": "BIGINT",
    "numeric": "DECIMAL(38, 9)",
    "timestamp without time zone": "TIMESTAMP",
}
"""PostgreSQL's type -> DuckDB's. All others are text there."""
_JSON = {"ARRAY", "json", "jsonb"}
_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = %s ORDER BY table_name, ordinal_position
"""


def copy(path: Path, schema: str) -> int:
    """Replace a DuckDB file with a copy of a schema, and return the number of tables.

    Args:
        path: The file.
        schema: Name of the schema, in both.
    """
    path.unlink(missing_ok=True)
    tables: dict[str, dict[str, str]] = {}
    source = psycopg2.connect("")
    with source, source.cursor() as cursor, duckdb.connect(str(path)) as copied:
        cursor.execute(_COLUMNS, (schema,))
        for table, column, kind in cursor.fetchall():
            tables.setdefault(table, {})[column] = kind
        copied.execute(f"CREATE SCHEMA {_quoted(schema)}")
        for table, columns in tables.items():
            with tempfile.NamedTemporaryFile(suffix=".csv") as file:
                selected = ", ".join(_selected(name, kind) for name, kind in columns.items())
                cursor.copy_expert(
                    f"COPY (SELECT {selected} FROM {_quoted(schema)}.{_quoted(table)}) "  # noqa: S608
                    "TO STDOUT WITH (FORMAT csv, FORCE_QUOTE *)",
                    file,
                )
                file.flush()
                made = ", ".join(f"{_quoted(name)} {_type(kind)}" for name, kind in columns.items())
                target = f"{_quoted(schema)}.{_quoted(table)}"
                copied.execute(f"CREATE TABLE {target} ({made})")
                copied.execute(
                    f"COPY {target} FROM '{file.name}' "
                    # DuckDB guesses the line ends from the first rows, whose texts may have others.
                    "(FORMAT csv, AUTO_DETECT false, NEW_LINE '\\n', DELIMITER ',', QUOTE '\"', ESCAPE '\"', "
                    "HEADER false, NULLSTR '', ALLOW_QUOTED_NULLS false)"
                )
    source.close()
    return len(tables)


def _selected(name: str, kind: str) -> str:
    return f"to_jsonb({_quoted(name)})" if kind in _JSON else _quoted(name)


def _type(kind: str) -> str:
    return "JSON" if kind in _JSON else _TYPES.get(kind, "VARCHAR")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    copy(Path(sys.argv[1]), sys.argv[2])
