#!/usr/bin/env bash
# Parquet takes no nullable property, JSON Lines no date-time.
#
# target-universal-file 0.0.1 with singer-sdk 0.45.12.
#
# Guess: of its four file types (csv, jsonl, parquet, xlsx), jsonl takes every record, since records arrive as
#   JSON, and parquet takes what the SCHEMA describes.
# Seen: with a date-time, only csv is written; jsonl ends with a TypeError, parquet and xlsx with others.
#   parquet also ends with "unhashable type: 'list'" at every nullable property, whatever its type. csv takes
#   them all.
# Why: the SDK has turned the texts into dates before the JSON writer sees them, and the table of Parquet
#   types is asked for the list ["null", "string"] as if it were a name.
# Matters: the first try, with a stream of plain required texts, works in all four. A usual stream loads as
#   csv only.
. "$(dirname "$0")/common.sh"
python_with target-universal-file==0.0.1 singer-sdk==0.45.12

load() {  # FILE_TYPE SCHEMA VALUE: the file type and the exit code
    schema="{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"x\":$2}}"
    {
        echo "{\"type\":\"SCHEMA\",\"stream\":\"contacts\",\"key_properties\":[\"id\"],\"schema\":$schema}"
        echo "{\"type\":\"RECORD\",\"stream\":\"contacts\",\"record\":{\"id\":\"1\",\"x\":$3}}"
    } > run.jsonl
    rm -rf out && mkdir out
    echo "{\"protocol\": \"local\", \"path\": \"$work/out\", \"file_type\": \"$1\"}" > config.json
    env/bin/target-universal-file --config config.json < run.jsonl > out.txt 2> "$1.log" && code=0 || code=$?
    echo "$1 $code"
}
each() { for kind in csv jsonl parquet xlsx; do load "$kind" "$@"; done | xargs; }
same "required text" "csv 0 jsonl 0 parquet 0 xlsx 0" "$(each '{"type":"string"}' '"a"')"
same "nullable text" "parquet 1" "$(load parquet '{"type":["null","string"]}' '"a"')"
same "what it says" "TypeError: unhashable type: 'list'" "$(grep -o '^TypeError.*' parquet.log | tail -1)"
same "date-time" \
    "csv 0 jsonl 1 parquet 1 xlsx 1" \
    "$(each '{"type":"string","format":"date-time"}' '"2026-01-02T03:04:05Z"')"
same "what jsonl says" \
    "TypeError: Object of type datetime is not JSON serializable" \
    "$(grep -o '^TypeError.*' jsonl.log | tail -1)"
