#!/usr/bin/env bash
# "1,5" becomes 15.0.
#
# singer-python 6.8.0.
#
# Guess: singer.transform() takes "1,5" for a number property as a mismatch, as it does with "0x10".
# Seen: 15.0, and 15 for an integer property; "1.234,56" becomes 1.23456.
# Why: every comma is removed before float() or int(), as if it could only separate thousands.
# Matters: amounts typed by people (custom fields of kind text, CSV imports) in European notation come out 10, 100 or
#   1,000 times too large or too small. They pass the schema, so no target will complain.
. "$(dirname "$0")/common.sh"
python_with singer-python==6.8.0

cat > look.py <<'END'
from singer import transform

for kind, text in (("number", "1,5"), ("integer", "1,5"), ("number", "1.234,56")):
    schema = {"type": "object", "properties": {"amount": {"type": ["null", kind]}}}
    print(transform({"amount": text}, schema)["amount"], end=" ")
END
same "1,5 as number and integer; 1.234,56" "15.0 15 1.23456" "$(env/bin/python look.py | xargs)"
