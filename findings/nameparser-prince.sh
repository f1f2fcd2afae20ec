#!/usr/bin/env bash
# Prince Example has the first name Example, Judge Example has none.
#
# nameparser 2.6.0.
#
# Guess: HumanName("Prince Example") has the first name Prince and the last name Example, as "Dean Example"
#   and "Earl Example" have; a title has a dot, or two names after it.
# Seen: "Prince", "King", "Sister" and "Dame" are titles, and Example becomes the *first* name. "Judge",
#   "Bishop" and "Baron" are titles, too, and there Example stays the last name and there is no first.
# Why: the list of titles has all of them; a few count as titles that are used with the first name.
# Matters: a CRM's full names split with it greet Prince Example with "Dear Example", and matching by first
#   and last name finds neither. Split fields that the source has split already only where they are empty.
. "$(dirname "$0")/common.sh"
python_with nameparser==2.6.0

cat > look.py <<'END'
from nameparser import HumanName

for given in ("Dean", "Earl", "Prince", "King", "Judge", "Bishop"):
    name = HumanName(f"{given} Example")
    print(given, *(f"{part}={text}" for part, text in name.as_dict().items() if text), end="; ")
END
same "parts" "Dean first=Dean last=Example; Earl first=Earl last=Example; \
Prince title=Prince first=Example; King title=King first=Example; \
Judge title=Judge last=Example; Bishop title=Bishop last=Example; " "$(env/bin/python look.py)"
