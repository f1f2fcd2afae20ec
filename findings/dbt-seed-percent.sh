#!/usr/bin/env bash
# A seed's 5%, $5 and "1,5" are the integers 5, 5 and 15.
#
# dbt-core 1.11.16 with dbt-duckdb 1.11.1 and duckdb 2.0.1; what other adapters insert is shown by dbt-common
# 1.39.0.
#
# Guess: a seed's column with 5%, $5 or "1,5" is text, for none of them is a number in SQL. dbt's known traps
#   are leading zeros and dates.
# Seen: all three are whole numbers to dbt: 5, 5 and 15. Adapters that insert what dbt has read store those.
#   dbt-duckdb lets DuckDB read the file, with dbt's types, and fails: Could not convert string "5%" to
#   'INTEGER'.
# Why: the reader (agate) takes off percent signs, currency signs and all commas before it tries a number.
# Matters: a tax table with 5% loads as 5 on one warehouse and not at all on another; "1,5" is ten times too
#   large. Set column_types for such seeds.
. "$(dirname "$0")/common.sh"
python_with dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.1 dbt-common==1.39.0

mkdir seeds
printf 'tax,price,rate\n5%%,$5,"1,5"\n' > seeds/taxes.csv
cat > look.py <<'END'
from dbt_common.clients import agate_helper

print(*agate_helper.from_csv("seeds/taxes.csv", text_columns=[]).rows[0])
END
same "read by dbt" "5 5 15" "$(env/bin/python look.py 2> look.log)"
printf 'name: demo\nprofile: demo\nflags: {send_anonymous_usage_stats: false}\n' > dbt_project.yml
printf 'demo: {target: d, outputs: {d: {type: duckdb, path: d.duckdb}}}\n' > profiles.yml
env/bin/dbt --no-use-colors seed > dbt.log 2>&1 && code=0 || code=$?
same "exit code with DuckDB" 1 "$code"
same "message" \
    "Could not convert string \"5%\" to 'INTEGER'" "$(grep -o 'Could not convert string.*' dbt.log | head -1)"
