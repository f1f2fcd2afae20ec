#!/usr/bin/env bash
# Masking turns null into 0, and days into date-times.
#
# pipelinewise-transform-field 2.3.0.
#
# Guess: masking keeps what is null null, and a value in the format that the schema names.
# Seen: MASK-NUMBER turns null into 0, while MASK-DATE and HASH leave null alone. MASK-DATE turns the day 1980-05-06 of
#   a "date" property into 1980-01-01T00:00:00, which is no date any more; the SCHEMA is passed on as it was.
# Why: MASK-NUMBER returns 0 without looking at the value; MASK-DATE parses into a date-time and writes that.
# Matters: a masked copy has other averages and counts than "masked" suggests, since contacts without a score now count
#   as 0. The masked days contradict their own schema.
. "$(dirname "$0")/common.sh"
python_with pipelinewise-transform-field==2.3.0

cat > run.jsonl <<'END'
{"type":"SCHEMA","stream":"contacts","key_properties":["id"],"schema":{"type":"object","properties":{"id":{"type":"integer"},"score":{"type":["null","integer"]},"born":{"type":["null","string"],"format":"date"}}}}
{"type":"RECORD","stream":"contacts","record":{"id":1,"score":5,"born":"1980-05-06"}}
{"type":"RECORD","stream":"contacts","record":{"id":2,"score":null,"born":null}}
END
cat > config.json <<'END'
{"transformations": [
  {"tap_stream_name": "contacts", "field_id": "score", "type": "MASK-NUMBER"},
  {"tap_stream_name": "contacts", "field_id": "born", "type": "MASK-DATE"}
]}
END
env/bin/transform-field --config config.json < run.jsonl > masked.jsonl 2> transform.log
cat > look.py <<'END'
import json

schema, *records = map(json.loads, open("masked.jsonl"))
print(schema["schema"]["properties"]["born"]["format"], *(row["record"][name] for row in records for name in ("score", "born")))
END
same "format, then score and day of both contacts" "date 0 1980-01-01T00:00:00 0 None" "$(env/bin/python look.py)"
