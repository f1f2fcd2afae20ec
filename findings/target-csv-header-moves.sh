#!/usr/bin/env bash
# A second SCHEMA with a new column puts the new header above rows in the old order.
#
# meltanolabs-target-csv 0.5.0 with singer-sdk 0.54.9.
#
# Guess: when a stream sends a second SCHEMA with a new column, the target either writes the earlier rows with an empty
#   cell in that column, or starts a second file, or refuses.
# Seen: it exits with 0 and writes one file whose header is the new schema's, above rows in the old schema's order. A
#   column that sorts before an old one shifts the old rows: the quantity 5 of order 1 stands under "note".
# Why: the second SCHEMA makes a new sink, whose setup rewrites the file with the new header; the old sink's rows are
#   still in memory and are appended afterwards, in their own column order.
# Matters: a tap that discovers custom fields may widen a stream in mid-run. The first half of that load is then in the
#   wrong columns, and nothing says so.
. "$(dirname "$0")/common.sh"
python_with meltanolabs-target-csv==0.5.0 singer-sdk==0.54.9

cat > run.jsonl <<'END'
{"type":"SCHEMA","stream":"orders","key_properties":["id"],"schema":{"type":"object","properties":{"id":{"type":"integer"},"quantity":{"type":["null","integer"]}}}}
{"type":"RECORD","stream":"orders","record":{"id":1,"quantity":5}}
{"type":"SCHEMA","stream":"orders","key_properties":["id"],"schema":{"type":"object","properties":{"id":{"type":"integer"},"note":{"type":["null","string"]},"quantity":{"type":["null","integer"]}}}}
{"type":"RECORD","stream":"orders","record":{"id":2,"note":"gift","quantity":6}}
END
echo '{"output_path": "out", "file_naming_scheme": "{stream_name}.csv"}' > config.json
env/bin/target-csv --config config.json < run.jsonl > /dev/null 2> target.log
same "the file" "id,note,quantity / 1,5 / 2,gift,6" "$(tr -d '\r' < out/orders.csv | paste -sd/ | sed 's,/, / ,g')"
