#!/usr/bin/env bash
# null becomes the text "None", 5.7 the integer 5, and an object Python text that is no JSON.
#
# airbyte-cdk 7.39.1.
#
# Guess: DefaultSchemaNormalization converts what fits a type and leaves the rest, with a warning: null stays
#   null, 5.7 is no integer, an object becomes JSON if the schema says string.
# Seen: null becomes the text "None" if the schema says {"type": "string"}; 5.7 becomes 5; {"a": 1.5} becomes
#   the text {'a': 1.5}, which is no JSON, and true becomes "True". No warning. The text "5.7" stays as it is,
#   with one.
# Why: each conversion calls the Python type: str(), int(), bool(). A warning comes only where that raises.
# Matters: schemas of connectors often leave "null" out. Contacts are then called None, amounts lose their
#   cents, and the objects cannot be parsed by any warehouse.
. "$(dirname "$0")/common.sh"
python_with airbyte-cdk==7.39.1

cat > look.py <<'END'
from airbyte_cdk.sources.utils.transform import TransformConfig, TypeTransformer

seen = []
transformer = TypeTransformer(TransformConfig.DefaultSchemaNormalization)
texts = [("string", value) for value in (None, {"a": 1.5}, True)]
for kind, value in (*texts, ("integer", 5.7), ("integer", "5.7")):
    record = {"x": value}
    transformer.transform(record, {"type": "object", "properties": {"x": {"type": kind}}})
    seen.append(f"{kind} {record['x']!r}")
print("\n" + "; ".join(seen))
END
env/bin/python look.py > seen.txt 2> look.log
same "values" \
    "string 'None'; string \"{'a': 1.5}\"; string 'True'; integer 5; integer '5.7'" "$(tail -1 seen.txt)"
same "warnings" 1 "$(cat seen.txt look.log | grep -c 'Failed to transform')"
