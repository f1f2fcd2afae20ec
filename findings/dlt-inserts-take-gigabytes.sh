#!/usr/bin/env bash
# What dlt writes for DuckDB if nobody says otherwise takes a hundred times the memory of the rows to load.
#
# dlt 1.31.0 into duckdb 2.0.1, with pyarrow 26.0.1; duckdb 1.5.6 for comparison.
#
# Guess: dlt bounds its memory with its buffers (5,000 items), so a load takes some hundred MB however many rows
#   it has, and the format of its files decides about seconds only.
# Seen: 4,000 rows with 60 short texts, 4 MB, take more than 600 MB in the step that loads them; as Parquet files
#   they take a tenth of that. It grows with the rows: 20,000 wide contacts took 9 GB, and 200,000 were
#   ended by the kernel on a machine of 24 GB. Files are closed by number of rows only if asked for.
# Why: the default for DuckDB is insert_values, one INSERT for each file, and duckdb 2.0.1 takes three to five times
#   what 1.5.6 takes to read the same INSERT.
# Matters: the pipeline that a quick start shows works with a sample and dies on the first whole load, after minutes
#   and without a message of its own. Ask for loader_file_format="parquet".
. "$(dirname "$0")/common.sh"
python_with 'dlt[duckdb]==1.31.0' duckdb==2.0.1 pyarrow==26.0.1
"${PYTHON:-python3}" -m venv old
old/bin/pip --quiet install duckdb==1.5.6 2> pip.log || { cat pip.log >&2; exit 2; }
export RUNTIME__DLTHUB_TELEMETRY=false

cat > load.py <<'END'
import sys
from resource import RUSAGE_SELF, getrusage

import dlt

rows = [{f"c{column}": f"text {row} {column}" for column in range(60)} for row in range(4000)]
pipeline = dlt.pipeline(sys.argv[1], pipelines_dir="p", destination=dlt.destinations.duckdb(f"{sys.argv[1]}.duckdb"))
pipeline.extract(rows, table_name="t", loader_file_format=sys.argv[2] if sys.argv[2:] else None)
pipeline.normalize()
before = getrusage(RUSAGE_SELF).ru_maxrss
pipeline.load()
with pipeline.sql_client() as client:
    (count,) = client.execute_sql("SELECT count(*) FROM t")[0]
print(count, (getrusage(RUSAGE_SELF).ru_maxrss - before) // 1024)
END
cat > insert.py <<'END'
from resource import RUSAGE_SELF, getrusage

import duckdb

connection = duckdb.connect()
connection.execute(f"CREATE TABLE t ({', '.join(f'c{column} VARCHAR' for column in range(60))})")
values = [[f"'text {row} {column}'" for column in range(60)] for row in range(4000)]
statement = "INSERT INTO t VALUES " + ", ".join(f"({', '.join(row)})" for row in values)
before = getrusage(RUSAGE_SELF).ru_maxrss
connection.execute(statement)
print((getrusage(RUSAGE_SELF).ru_maxrss - before) // 1024)
END

read -r count inserts <<< "$(env/bin/python load.py inserts 2> dlt.log || { cat dlt.log >&2; exit 2; })"
read -r same_count parquet <<< "$(env/bin/python load.py parquet parquet 2> dlt.log || { cat dlt.log >&2; exit 2; })"
new=$(env/bin/python insert.py) old=$(old/bin/python insert.py)
printf 'MB: inserts %s, parquet %s; one INSERT in 2.0.1 %s, in 1.5.6 %s\n' "$inserts" "$parquet" "$new" "$old" >&2
same "rows, both ways" "4000 4000" "$count $same_count"
same "by default: over 500 MB, and over five times the memory of Parquet" 11 "$((inserts > 500))$((inserts > 5 * parquet))"
same "the INSERT alone: over 2.5 times the memory of 1.5.6" 1 "$((2 * new > 5 * old))"
