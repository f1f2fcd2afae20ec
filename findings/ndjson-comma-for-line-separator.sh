#!/usr/bin/env bash
# A line separator inside a text comes back as a comma.
#
# ndjson 0.3.1 (PyPI).
#
# Guess: a text that holds U+2028, which JSON allows unescaped, comes back as it was; at worst the line fails to parse.
# Seen: the character comes back as a comma, from load() and loads() alike. U+0085 does the same. No error.
# Why: the reader cuts the input with str.splitlines(), which also cuts at those characters, and glues the pieces
#   together with commas to make one JSON array. Inside a string, the glue becomes part of the value.
# Matters: notes and e-mail bodies pasted from word processors and web pages hold U+2028. Whoever checks a tap's lines
#   with this reader sees values that no one sent. Writers that escape beyond ASCII hide it; orjson and msgspec do not.
. "$(dirname "$0")/common.sh"
python_with ndjson==0.3.1

cat > look.py <<'END'
import io
import json

import ndjson

lines = "".join(json.dumps({"note": f"one{mark}two"}, ensure_ascii=False) + "\n" for mark in "\u2028\x85")
assert [json.loads(line)["note"] for line in lines.strip("\n").split("\n")] == ["one\u2028two", "one\x85two"]
print([row["note"] for row in ndjson.loads(lines)], [row["note"] for row in ndjson.load(io.StringIO(lines))])
END
same "the notes" "['one,two', 'one,two'] ['one,two', 'one,two']" "$(env/bin/python look.py)"
