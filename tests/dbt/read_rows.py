"""Print tables of a database as JSON: `python read_rows.py SCHEMA [DUCKDB_FILE]`.

Runs in the virtual environment of dbt. Without a file it reads PostgreSQL, as the usual variables say.
Numbers, days and times are texts.
"""

from __future__ import annotations

import json
import sys

import duckdb
import psycopg2

schema, *files = sys.argv[1:]
connection = duckdb.connect(files[0], read_only=True) if files else psycopg2.connect("")
cursor = connection.cursor()
cursor.execute(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'")  # noqa: S608
tables = {}
for (name,) in cursor.fetchall():
    cursor.execute(f'SELECT * FROM {schema}."{name}"')  # noqa: S608
    columns = [column[0] for column in cursor.description]
    tables[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
json.dump(tables, sys.stdout, default=str)
