#!/usr/bin/env bash
# Weeks that begin on Monday begin on Sunday in BigQuery, though not on the way back.
#
# sqlglot 30.30.0.
#
# Guess: date_trunc('week', d) of PostgreSQL or DuckDB, which begins weeks on Monday, becomes ISOWEEK or
#   WEEK(MONDAY) for BigQuery, whose WEEK begins on Sunday. The library translates much subtler things (NULLS
#   FIRST, integer division).
# Seen: it becomes TIMESTAMP_TRUNC(d, WEEK), so weeks begin on Sunday. The other way round it is right:
#   BigQuery's WEEK is moved by a day for DuckDB, and WEEK(MONDAY) is not. There and back again, Monday has
#   become Sunday.
# Why: the day on which a week begins is looked after when BigQuery is read, and not when it is written.
# Matters: every weekly figure of a migrated report moves by a day, Sundays into the next week, and the totals
#   of months still agree. Write ISOWEEK by hand.
. "$(dirname "$0")/common.sh"
python_with sqlglot==30.30.0

cat > look.py <<'END'
import sqlglot

to_bigquery = sqlglot.transpile("SELECT date_trunc('week', d)", read="duckdb", write="bigquery")[0]
for query in (to_bigquery, "SELECT TIMESTAMP_TRUNC(d, WEEK(MONDAY))"):
    print(query, "->", sqlglot.transpile(query, read="bigquery", write="duckdb")[0], end="; ")
END
same "week of DuckDB in BigQuery, and back" \
    "SELECT TIMESTAMP_TRUNC(d, WEEK) -> SELECT DATE_TRUNC('WEEK', d + INTERVAL '1' DAY) + INTERVAL '-1' DAY; \
SELECT TIMESTAMP_TRUNC(d, WEEK(MONDAY)) -> SELECT DATE_TRUNC('WEEK', d); " "$(env/bin/python look.py)"
