#!/usr/bin/env bash
# A clean type check, and a TypeError at run time.
#
# mypy 2.4.1, msgspec 0.22.0.
#
# Guess: a msgspec Struct is no dataclass, so mypy --strict reports dataclasses.replace() and dataclasses.asdict() on one.
# Seen: it takes both without a word; replace() and asdict() raise TypeError when they run. msgspec.structs has its own.
# Why: Struct is marked as dataclass-like (PEP 681). mypy takes such classes to have __dataclass_fields__, which is all that
#   typeshed asks for; Structs do not have it.
# Matters: whoever turns dataclasses into Structs for speed gets a clean type check, and an error in each path that no
#   test takes.
. "$(dirname "$0")/common.sh"
python_with mypy==2.4.1 msgspec==0.22.0

cat > look.py <<'END'
import dataclasses

import msgspec


class Order(msgspec.Struct, frozen=True):
    number: int


order = Order(1)
try:
    print(dataclasses.replace(order, number=2))
except TypeError:
    print("replace: TypeError")
try:
    print(dataclasses.asdict(order))
except TypeError:
    print("asdict: TypeError")
print(msgspec.structs.replace(order, number=2).number)
END
same "mypy --strict" "Success: no issues found in 1 source file" "$(env/bin/mypy --strict look.py | tail -n 1)"
same "at run time" "replace: TypeError asdict: TypeError 2" "$(env/bin/python look.py | paste -sd ' ')"
