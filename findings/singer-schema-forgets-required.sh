#!/usr/bin/env bash
# A schema loses `required`, `enum` and `const` on its way through `Schema`.
#
# singer-python 6.8.0.
#
# Guess: Schema.from_dict(s).to_dict() gives s back, so a catalog can be loaded and written again.
# Seen: "required", "enum" and "const" are gone, and so is every keyword of one's own. "format" and "maxLength" stay.
# Why: the class keeps a fixed list of keywords and drops the rest without a word.
# Matters: a tap that reads its catalog through this class sends a SCHEMA that is laxer than the one it discovered. Marks
#   that a target or a documentation tool looks for (x- keywords, "contentMediaType") never arrive.
. "$(dirname "$0")/common.sh"
python_with singer-python==6.8.0

cat > look.py <<'END'
from singer import Schema

status = {"type": "string", "enum": ["PAID", "DUE"], "maxLength": 9, "x-keap": 1, "contentMediaType": "text/plain"}
day = {"type": "string", "format": "date", "const": "2024-01-02"}
again = Schema.from_dict({"type": "object", "properties": {"status": status, "day": day}, "required": ["status"]}).to_dict()
print(*sorted(again), *(f"{name}: {','.join(sorted(again['properties'][name]))};" for name in ("status", "day")))
END
same "what is left" "properties type status: maxLength,type; day: format,type;" "$(env/bin/python look.py)"
