#!/usr/bin/env bash
# Delta's enforced schema takes 1.7 into an integer column as 1, and "no" into a boolean one as false.
#
# deltalake 1.6.6 with pyarrow 26.0.1.
#
# Guess: Delta Lake enforces a table's schema, so an append of 1.7 to an int32 column, or of text to a boolean
#   one, is refused, as an append with a missing column is.
# Seen: 1.7 is stored as 1, the text "0012" as 12, "no" as false and the number 2 as true; a date-time becomes
#   its day. Only what cannot be read at all ("n/a") is refused, and a decimal with a longer scale.
# Why: each batch is cast to the table's types before it is written; "enforced" is the result.
# Matters: a source whose column turns from whole numbers to cents goes on loading, and the cents are cut off
#   without a word. Compare the schemas before the append.
. "$(dirname "$0")/common.sh"
python_with deltalake==1.6.6 pyarrow==26.0.1

cat > look.py <<'END'
import datetime

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake


def append(first, then):
    path = f"t{append.number}"
    append.number += 1
    write_deltalake(path, pa.table({"x": first}))
    try:
        write_deltalake(path, pa.table({"x": then}), mode="append")
    except Exception as error:
        return type(error).__name__
    return DeltaTable(path).to_pyarrow_table()["x"].to_pylist()[0]


append.number = 0
whole = pa.array([1], pa.int32())
print(append(whole, [1.7]), append(whole, ["0012"]), append(whole, ["n/a"]), end=" ")
print(append([True], ["no"]), append([True], [2]), end=" ")
print(append([datetime.date(2026, 1, 2)], ["2026-01-02T23:59:00"]))
END
same "1.7, 0012, n/a, no, 2, date-time" "1 12 Exception False True 2026-01-02" "$(env/bin/python look.py)"
