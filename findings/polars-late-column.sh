#!/usr/bin/env bash
# A key that first occurs late is dropped with all its values, without a word.
#
# polars 2.1.0 and petl 1.7.30.
#
# Guess: a key that first occurs in row 150 (polars) or 1,200 (petl) gives a column with nulls above, or an error. polars
#   does raise when a column's *type* changes that late.
# Seen: the column is left out, with all its values. No error, no warning, every row is there.
# Why: both settle the columns from the first rows, 100 and 1,000, and read of each row only what they know.
# Matters: taps leave out keys that have no value, and custom fields are filled for newer contacts only. A load checked
#   by its number of rows has lost a column. The remedies are
#   infer_schema_length=None in polars and header= in petl.
. "$(dirname "$0")/common.sh"
python_with polars==2.1.0 petl==1.7.30

cat > look.py <<'END'
import json

import petl
import polars

for rows, read in (
    (150, lambda path: (polars.read_ndjson(path).columns, polars.read_ndjson(path).height)),
    (150, lambda path: (polars.read_ndjson(path, infer_schema_length=None).columns, 0)),
    (1200, lambda path: (list(petl.header(petl.fromjson(path, lines=True))), petl.nrows(petl.fromjson(path, lines=True)))),
):
    with open("contacts.jsonl", "w") as file:
        file.writelines(json.dumps({"id": n}) + "\n" for n in range(rows))
        file.write('{"id": -1, "birthday": "1980-02-03"}\n')
    print(*read("contacts.jsonl"), end="; ")
END
same "columns and rows: polars, polars without a limit, petl" "['id'] 151; ['id', 'birthday'] 0; ['id'] 1201; " \
    "$(env/bin/python look.py)"
