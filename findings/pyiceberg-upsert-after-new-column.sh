#!/usr/bin/env bash
# An upsert right after a column was added fails, though the table has the column.
#
# pyiceberg 0.12.0 with pyarrow 26.0.1 and an SQLite catalog.
#
# Guess: once update_schema has added a column, an upsert with that column fills it in the rows that are there
#   and in those that are new, as an append does.
# Seen: append takes the column. Upsert raises a ValueError, each time. After an append of no rows at all, the same
#   upsert works.
# Why: upsert reads the rows that it compares in the schema of the last snapshot, not in that of the table,
#   and a change of the schema makes no snapshot.
# Matters: a load that merges breaks on the day an account gets a new custom field, and stays broken. Append an
#   empty table after each change of the schema.
. "$(dirname "$0")/common.sh"
python_with 'pyiceberg[sql-sqlite,pyarrow]==0.12.0' pyarrow==26.0.1

cat > look.py <<'END'
import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import StringType

catalog = SqlCatalog("c", uri="sqlite:///catalog.db", warehouse="file://warehouse")
catalog.create_namespace("n")
before = pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("name", pa.string())])
rows = [{"id": "1", "name": "Ann", "size": "M"}, {"id": "2", "name": "Bo", "size": "L"}]


def table(name: str):
    made = catalog.create_table(f"n.{name}", before)
    made.append(pa.Table.from_pylist([{"id": "1", "name": "Ann"}], before))
    with made.update_schema() as update:
        update.add_column("size", StringType())
    return made


def tried(made, join=("id",)):
    new = pa.Table.from_pylist(rows, made.schema().as_arrow())
    try:
        made.upsert(new, join_cols=[*join])
    except Exception as error:
        return type(error).__name__
    return sorted(f"{row['id']}{row['size']}" for row in made.scan().to_arrow().to_pylist())


appended = table("a")
appended.append(pa.Table.from_pylist(rows[1:], appended.schema().as_arrow()))
print(sorted(str(one) for one in appended.scan().to_arrow()["size"].to_pylist()))
upserted = table("u")
print(tried(upserted), tried(upserted))
upserted.append(upserted.schema().as_arrow().empty_table())
print(tried(upserted))
END
env/bin/python look.py > seen.txt 2> iceberg.log || { cat iceberg.log >&2; exit 2; }
same "append with the new column" "['L', 'None']" "$(sed -n 1p seen.txt)"
same "upsert, twice" "ValueError ValueError" "$(sed -n 2p seen.txt)"
same "upsert after an empty append" "['1M', '2L']" "$(sed -n 3p seen.txt)"
