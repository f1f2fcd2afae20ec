#!/usr/bin/env bash
# Flattening drops anyOf columns, or changes their type, by the order of keys.
#
# singer-sdk 0.54.9; shown with meltano-map-transform 0.12.3.
#
# Guess: flattening touches objects only. A nullable integer written as anyOf keeps its column and its type, wherever
#   "null" and "description" stand.
# Seen: anyOf [integer, null] disappears from the flattened SCHEMA, and so does [null, string]; [string, null] stays.
#   With a "description" before the anyOf, the integer is declared as text. The records keep all four values.
# Why: flattening looks at the first keyword of the property, and at the first alternative within it, which must be a
#   string, an array or an object.
# Matters: schema generators (pydantic, OpenAPI tools) write nullable properties as anyOf. With flattening on, SQL
#   targets make no column for them, and the order of keys in a JSON object, which has no meaning, decides the type.
. "$(dirname "$0")/common.sh"
python_with meltano-map-transform==0.12.3 singer-sdk==0.54.9

cat > run.jsonl <<'END'
{"type":"SCHEMA","stream":"contacts","key_properties":["id"],"schema":{"type":"object","properties":{"id":{"type":"integer"},"first":{"anyOf":[{"type":"string"},{"type":"null"}]},"last":{"anyOf":[{"type":"null"},{"type":"string"}]},"score":{"anyOf":[{"type":"integer"},{"type":"null"}]},"visits":{"description":"Number of visits","anyOf":[{"type":"integer"},{"type":"null"}]}}}}
{"type":"RECORD","stream":"contacts","record":{"id":1,"first":"Ann","last":"Example","score":7,"visits":8}}
END
cat > look.py <<'END'
import json

schema, record = map(json.loads, open("mapped.jsonl"))
columns = schema["schema"]["properties"]
print(*(f"{name}={json.dumps(column.get('type') or 'anyOf')}" for name, column in columns.items()))
print(*record["record"])
END
for flattening in false true; do
    echo "{\"stream_maps\": {}, \"flattening_enabled\": $flattening, \"flattening_max_depth\": 1}" > config.json
    env/bin/meltano-map-transform --config config.json < run.jsonl > mapped.jsonl 2> map.log
    env/bin/python look.py > $flattening.txt
done
same "without flattening" 'id="integer" first="anyOf" last="anyOf" score="anyOf" visits="anyOf"' "$(head -1 false.txt)"
same "flattened schema" 'id="integer" first=["null", "string"] visits=["null", "string"]' "$(head -1 true.txt)"
same "flattened record" "id first last score visits" "$(tail -1 true.txt)"
