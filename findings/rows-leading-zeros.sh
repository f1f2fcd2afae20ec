#!/usr/bin/env bash
# A rule that protects leading zeros turns 0012 into 12.0.
#
# rows 0.4.1.
#
# Guess: the library that refuses to read "0012" as an integer, because it may be a code, reads it as text.
# Seen: it reads it as the float 12.0. "1_000" becomes the integer 1000.
# Why: the integer type refuses leading zeros, so the next type is tried, and that one has no such rule.
# Matters: postal codes and ids lose their zeros in spite of the rule that is there to keep them. Pass
#   force_types.
. "$(dirname "$0")/common.sh"
python_with rows==0.4.1

printf 'id,code\n0012,1_000\n0013,2_000\n' > rows.csv
cat > look.py <<'END'
import rows

row = rows.import_from_csv("rows.csv")[0]
print(row.id, row.code)
END
same "values" "12.0 1000" "$(env/bin/python look.py 2> look.log)"
