#!/usr/bin/env bash
# The surname May becomes a date; the bookmark 2024-03 depends on today.
#
# singer-python 6.8.0 with python-dateutil 2.9.0.post0.
#
# Guess: with anyOf of a date-time and a plain string, a text that is no date stays as it is. And "2024-03" as a bookmark
#   is the first of March, or an error.
# Seen: the surname "May" becomes the date-time of a day in May of the current year, the text "12" the twelfth of the
#   current month, and "2024-03" a day in March that depends on the day on which the tap runs.
# Why: both go through dateutil's lenient parser, which fills whatever the text leaves out from today.
# Matters: the same record gives another value tomorrow, so a reload changes history. A bookmark of a month moves with
#   the calendar, which skips or repeats rows.
. "$(dirname "$0")/common.sh"
python_with singer-python==6.8.0 python-dateutil==2.9.0.post0

cat > look.py <<'END'
from singer import transform, utils

either = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": ["null", "string"]}]}
schema = {"type": "object", "properties": {"surname": either}}
print(*(transform({"surname": text}, schema)["surname"][:10] for text in ("May", "12", "Miller")))
print(utils.strptime_to_utc("2024-03").date())
END
same "May, 12, Miller; the bookmark 2024-03" "$(date +%Y-05-%d) $(date +%Y-%m-12) Miller $(date +2024-03-%d)" \
    "$(env/bin/python look.py 2> /dev/null | xargs)"
