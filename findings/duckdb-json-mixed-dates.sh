#!/usr/bin/env bash
# One column of JSON strings becomes dates, some read day first, some month first, by the order of rows.
#
# duckdb 2.0.1.
#
# Guess: read_json() leaves a JSON string like "01-02-2024" as text, as it does with "01/02/2024"; if it takes it for a
#   date, then in one order of day and month for the whole column, or it fails.
# Seen: a column of American dates becomes DATE, and its rows are read differently: 01-02-2024 and 02-13-2024 become
#   1 February and 13 February. With the two rows the other way round they become 13 February and 2 January. "01-02-24"
#   is 24 February 2001, and a column of the word "epoch" is 1 January 1970.
# Why: a column becomes DATE if each of its strings can be read as some date. It looks as if an order that the first row
#   rules out is dropped, and otherwise day first and then month first are tried anew for each value.
# Matters: text fields that people fill with dates get plausible wrong days, which change when the file is sorted. Give
#   columns= with VARCHAR when reading a tap's lines.
. "$(dirname "$0")/common.sh"
python_with duckdb==2.0.1

cat > look.py <<'END'
import json

import duckdb

american = ["01-02-2024", "02-13-2024"]
for days in (american, american[::-1], ["01/02/2024", "02/13/2024"], ["01-02-24"], ["epoch"]):
    with open("days.jsonl", "w") as file:
        file.writelines(json.dumps({"day": day}) + "\n" for day in days)
    rows = duckdb.sql("select typeof(day), day::varchar from read_json('days.jsonl')").fetchall()
    print(rows[0][0], *(day for _, day in rows), end="; ")
END
same "dashes, the other way round, slashes, two digits, epoch" \
    "DATE 2024-02-01 2024-02-13; DATE 2024-02-13 2024-01-02; VARCHAR 01/02/2024 02/13/2024; DATE 2001-02-24; DATE 1970-01-01; " "$(env/bin/python look.py)"
