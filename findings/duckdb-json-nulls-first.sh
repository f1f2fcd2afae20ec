#!/usr/bin/env bash
# A text after 20,480 nulls is read as null, without a word.
#
# duckdb 2.0.1.
#
# Guess: a column of JSON lines that is null in all rows that read_json() samples, and text in a later one,
#   becomes text or JSON, or the later row is an error, as it is when numbers come first.
# Seen: the column gets the type "NULL", and the late text is read as null. No error, also in CREATE TABLE AS.
# Why: the type is settled from a sample of 20,480 rows; a column without any value in it gets the type of
#   null, and the reader converts every later value to that.
# Matters: contacts are sorted by age, and a new field is filled for the newest. A load that counts rows, or
#   compares the columns' names, finds nothing wrong. Give columns=, or sample_size=-1.
. "$(dirname "$0")/common.sh"
python_with duckdb==2.0.1

cat > look.py <<'END'
import json

import duckdb

for rows in (20_479, 20_480):
    with open("contacts.jsonl", "w") as file:
        file.writelines(json.dumps({"id": number, "nickname": None}) + "\n" for number in range(rows))
        file.write('{"id": -1, "nickname": "Annie"}\n')
    duckdb.execute("CREATE OR REPLACE TABLE t AS FROM read_json('contacts.jsonl')")
    columns = "count(*), count(nickname), max(nickname)::varchar"
    kind = duckdb.sql("SELECT nickname FROM t").types[0]
    print(*duckdb.sql(f"SELECT {columns} FROM t").fetchall()[0], kind, end="; ")
END
same "rows, nicknames, the nickname, its type" \
    "20480 1 Annie VARCHAR; 20481 0 None \"NULL\"; " "$(env/bin/python look.py)"
