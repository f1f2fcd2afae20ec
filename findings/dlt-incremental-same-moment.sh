#!/usr/bin/env bash
# With a primary key, a second change at the same cursor value is never loaded.
#
# dlt 1.31.0 into duckdb 2.0.1.
#
# Guess: an incremental resource reads the rows of the last cursor value again and leaves out those that are
#   unchanged. A row that was changed again within that second or day is loaded.
# Seen: without a primary key it is loaded, as guessed. With primary_key="id", which a merge needs, it is left
#   out and the old content stays, in this run and in every later one. A row with a new id and the same cursor
#   value is loaded.
# Why: rows of the boundary are recognized by a hash: of the whole row if there is no key, of the key alone if
#   there is.
# Matters: many APIs give times in whole seconds or days, and CRMs save a contact several times a second. Such
#   changes are lost for good. incremental("updated", lag=...) or primary_key=() on the incremental avoids it.
. "$(dirname "$0")/common.sh"
python_with dlt==1.31.0 duckdb==2.0.1

export RUNTIME__DLTHUB_TELEMETRY=false RUNTIME__LOG_LEVEL=CRITICAL
cat > look.py <<'END'
import dlt
import duckdb

first = [{"id": 1, "updated": "2026-01-02T03:04:05Z", "city": "Tempe"}]
second = [{**first[0], "city": "Mesa"}, {**first[0], "id": 2}]
for name, hints in (("append", {}), ("merge", {"primary_key": "id", "write_disposition": "merge"})):

    @dlt.resource(name="contacts", **hints)
    def contacts(rows, updated=dlt.sources.incremental("updated")):
        yield rows

    target = dlt.destinations.duckdb(f"{name}.duckdb")

    pipeline = dlt.pipeline(name, pipelines_dir=".", destination=target, dataset_name="s")
    for rows in (first, second, second):
        pipeline.run(contacts(rows))
    loaded = duckdb.connect(f"{name}.duckdb").sql("SELECT id, city FROM s.contacts ORDER BY id, city")
    print(name, *loaded.fetchall(), end="; ")
END
same "rows" "append (1, 'Mesa') (1, 'Tempe') (2, 'Tempe'); merge (1, 'Tempe') (2, 'Tempe'); " \
    "$(env/bin/python look.py 2> dlt.log)"
