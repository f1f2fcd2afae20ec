#!/usr/bin/env bash
# 5.0 is an integer to JSON Schema, but stops SDK targets.
#
# singer-sdk 0.54.9 with jsonschema 4.26.0; shown with meltanolabs-target-csv 0.5.0.
#
# Guess: the number 5.0 is an integer to JSON Schema (since draft 6 any number without a fraction is), so a target that
#   validates against {"type": "integer"} takes the record.
# Seen: the load ends with "Decimal('5.0') is not of type 'null', 'integer'". jsonschema alone accepts the float 5.0.
# Why: the SDK reads numbers with a fraction part as Decimal, and jsonschema counts only int and whole floats as integers.
# Matters: sources written in JavaScript or Java change between 5 and 5.0 at will. A validator in the tap's own tests
#   says all is well, and the first such row stops each SDK target that validates, as they do unless told otherwise.
. "$(dirname "$0")/common.sh"
python_with meltanolabs-target-csv==0.5.0 singer-sdk==0.54.9 jsonschema==4.26.0

same "jsonschema alone" "None" \
    "$(env/bin/python -c 'import jsonschema; print(jsonschema.Draft202012Validator({"type": "integer"}).validate(5.0))')"
cat > run.jsonl <<'END'
{"type":"SCHEMA","stream":"orders","key_properties":["id"],"schema":{"type":"object","properties":{"id":{"type":"integer"},"quantity":{"type":["null","integer"]}}}}
{"type":"RECORD","stream":"orders","record":{"id":1,"quantity":5.0}}
END
echo '{"output_path": "out"}' > config.json
env/bin/target-csv --config config.json < run.jsonl > /dev/null 2> target.log && code=0 || code=$?
same "exit code of the target" 1 "$code"
same "its message" "Decimal('5.0') is not of type 'null', 'integer'" "$(grep -o "Decimal('5.0').*" target.log | tail -1)"
