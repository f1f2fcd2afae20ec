#!/usr/bin/env bash
# A column is declared as a date because one of its texts looks like one.
#
# tap-jsonl 0.3.1 with singer-sdk 0.53.7; the records are checked against the SCHEMA with jsonschema 4.26.0.
#
# Guess: a text column in which one value looks like a date and another does not ("2026-01-02", "n/a") is
#   plain text.
# Seen: the SCHEMA says "format": "date" and the next RECORD holds "n/a", whichever of the two comes first.
# Why: formats are collected over all values, and a column keeps one if no other *format* was seen; a value
#   without any format does not count against it.
# Matters: one day in a column of remarks makes a DATE column. SDK targets stop at the next remark and name
#   the field, so the target is suspected. Give the schema in a catalog.
. "$(dirname "$0")/common.sh"
python_with tap-jsonl==0.3.1 singer-sdk==0.53.7 jsonschema==4.26.0

cat > look.py <<'END'
import json
import subprocess

import jsonschema

with open("config.json", "w") as file:
    json.dump({"path": "notes.jsonl", "stream_name": "notes", "primary_keys": ["id"]}, file)
day, text = {"id": "1", "due": "2026-01-02"}, {"id": "2", "due": "n/a"}
for rows in ([day, text], [text, day]):
    with open("notes.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    run = subprocess.run(["env/bin/tap-jsonl", "--config", "config.json"], capture_output=True, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    due = next(line for line in lines if line["type"] == "SCHEMA")["schema"]["properties"]["due"]
    valid = jsonschema.Draft202012Validator(due, format_checker=jsonschema.FormatChecker(["date"]))
    records = [line["record"] for line in lines if line["type"] == "RECORD"]
    print(due["format"], *(valid.is_valid(record["due"]) for record in records), end="; ")
END
same "format, and which of the two records fit it" \
    "date True False; date False True; " "$(env/bin/python look.py)"
