#!/usr/bin/env bash
# A computed number is declared as text.
#
# meltano-map-transform 0.12.3 with singer-sdk 0.54.9.
#
# Guess: a computed column "quantity * price" is declared as a number, or with no type at all.
# Seen: its SCHEMA says ["string", "null"], and the record below it holds the number 3.0. The mapper exits with 0.
# Why: the type comes from how the expression begins: float(...), int(...) and a few more are known, everything else
#   counts as text, whatever it yields.
# Matters: each message is well formed, but record and schema contradict each other. Targets that validate stop the
#   load and name the target's stream, not the map; targets that don't make a text column of money.
. "$(dirname "$0")/common.sh"
python_with meltano-map-transform==0.12.3 singer-sdk==0.54.9

cat > run.jsonl <<'END'
{"type":"SCHEMA","stream":"items","key_properties":["id"],"schema":{"type":"object","properties":{"id":{"type":"integer"},"quantity":{"type":"integer"},"price":{"type":"number"}}}}
{"type":"RECORD","stream":"items","record":{"id":1,"quantity":2,"price":1.5}}
END
echo '{"stream_maps": {"items": {"total": "quantity * price"}}}' > config.json
env/bin/meltano-map-transform --config config.json < run.jsonl > mapped.jsonl 2> map.log
cat > look.py <<'END'
import json

schema, record = map(json.loads, open("mapped.jsonl"))
print(schema["schema"]["properties"]["total"]["type"], record["record"]["total"])
END
same "declared type and value of the total" "['string', 'null'] 3.0" "$(env/bin/python look.py)"
