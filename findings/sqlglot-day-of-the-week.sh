#!/usr/bin/env bash
# to_char(d, 'Day') gives 4ay for a Thursday.
#
# sqlglot 30.30.0; the result is run in duckdb 2.0.1.
#
# Guess: PostgreSQL's to_char(d, 'Day') becomes strftime(d, '%A') for DuckDB, or stays and fails; to_char(d,
#   'HH:MI') becomes '%I:%M'.
# Seen: it becomes strftime(d, '%uay'), which runs and gives "4ay" for a Thursday. 'HH:MI' becomes 'HH:%M' and
#   gives "HH:04". For BigQuery and Snowflake the same texts come out.
# Why: 'D' is known as the number of the day, and "ay" is left over; 'Day' and 'HH' have no entry of their
#   own.
# Matters: dashboards that are moved from PostgreSQL to a warehouse (SQLMesh and dlt use this library) group
#   by "4ay". No statement fails, so only somebody who reads the report sees it.
. "$(dirname "$0")/common.sh"
python_with sqlglot==30.30.0 duckdb==2.0.1

cat > look.py <<'END'
import duckdb
import sqlglot

for pattern in ("Day", "HH:MI", "YYYY-MM-DD"):
    query = f"SELECT to_char(timestamp '2026-01-01 15:04:05', '{pattern}')"
    print(duckdb.sql(sqlglot.transpile(query, read="postgres", write="duckdb")[0]).fetchall()[0][0], end="; ")
END
same "Day, HH:MI, YYYY-MM-DD" "4ay; HH:04; 2026-01-01; " "$(env/bin/python look.py)"
