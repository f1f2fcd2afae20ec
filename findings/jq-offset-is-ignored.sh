#!/usr/bin/env bash
# %z reads the offset of a date-time, and then it has no effect.
#
# jq 1.13.0 (PyPI: the jq library with its Python binding); the jq 1.6 of Debian 12 does the same.
#
# Guess: strptime("%Y-%m-%dT%H:%M:%S%z") | mktime respects the offset that %z asks for: Keap's 01:30:00-0400
#   is 05:30 UTC.
# Seen: 01:30 UTC. The offset is read, it must be there, and it has no effect: -0400, +0000 and +0900 give one
#   moment.
# Why: strptime returns a list of eight numbers, from year to day of the year, which has no place for the
#   offset, and mktime takes the list as UTC.
# Matters: a filter for new rows, or a conversion of a tap's lines, is off by the account's offset, and it
#   looks as if it had cared about it. Convert the offset by hand, or take dates in UTC only (fromdate).
. "$(dirname "$0")/common.sh"
python_with jq==1.13.0

cat > look.py <<'END'
import jq

moment = jq.compile('strptime("%Y-%m-%dT%H:%M:%S%z") | mktime | todate')
print(*(moment.input_value(f"2026-11-01T01:30:00{offset}").first() for offset in ("-0400", "+0000", "+0900")))
try:
    moment.input_value("2026-11-01T01:30:00").first()
except ValueError as error:
    print("does not match" in str(error))
END
same "-0400, +0000, +0900; an error without an offset" \
    "2026-11-01T01:30:00Z 2026-11-01T01:30:00Z 2026-11-01T01:30:00Z True" "$(env/bin/python look.py | xargs)"
