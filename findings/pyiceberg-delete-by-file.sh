#!/usr/bin/env bash
# The same delete takes rows with nulls or not, by the files that the rows are in.
#
# pyiceberg 0.12.0 with pyarrow 26.0.1 and an SQLite catalog.
#
# Guess: table.delete(filter) deletes the rows that table.scan(filter) shows. For "status != 'paid'" neither
#   takes the rows without a status, as in SQL, and it does not matter in which data file a row is.
# Seen: the scan shows the one unpaid row in both tables. If all three rows came in one append, the delete
#   takes that row. If the paid one came in an append of its own, the delete takes the row with a null, too.
# Why: a file whose statistics say that every row matches is dropped whole, and there "not equal" includes
#   nulls, as in Iceberg's own rules. A file that has to be rewritten is filtered by Arrow, where a null is
#   neither equal nor unequal.
# Matters: the same statement on the same rows deletes more or less by how they were loaded, and again after
#   compaction. A scan made before as a check does not show it. Write "status != 'paid' and status is not
#   null".
. "$(dirname "$0")/common.sh"
python_with 'pyiceberg[sql-sqlite,pyarrow]==0.12.0' pyarrow==26.0.1

cat > look.py <<'END'
import os

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog

catalog = SqlCatalog("demo", uri="sqlite:///catalog.db", warehouse=f"file://{os.getcwd()}")
catalog.create_namespace("n")
rows = pa.table({"id": ["1", "2", "3"], "status": ["paid", "due", None]})
unpaid = "status != 'paid'"
for name, appends in (("one", [rows]), ("two", [rows.slice(0, 1), rows.slice(1)])):
    table = catalog.create_table(f"n.{name}", schema=rows.schema)
    for append in appends:
        table.append(append)
    shown = table.scan(row_filter=unpaid).to_arrow()["id"].to_pylist()
    table.delete(unpaid)
    print(name, *shown, "left", *sorted(table.scan().to_arrow()["id"].to_pylist()), end="; ")
END
same "files, rows that the scan shows, rows that the delete leaves" "one 2 left 1 3; two 2 left 1; " \
    "$(env/bin/python look.py 2> look.log)"
