#!/usr/bin/env bash
# Decimal NaN makes a line that is no JSON, while the float becomes null.
#
# msgspec 0.22.0.
#
# Guess: an encoder that writes the floats NaN and Infinity as null does the same with Decimal("NaN"), or refuses it.
# Seen: Encoder(decimal_format="number") writes the bare word NaN, which is not JSON. msgspec's own decoder then refuses
#   the line.
# Why: with that setting, the text of the Decimal goes out as it is; only floats are checked.
# Matters: a connector chooses Decimal to keep amounts exact. One NaN from a database (numeric has it in PostgreSQL) or
#   from XML makes an invalid line, which the target reports far from its cause. Ask is_finite() first.
. "$(dirname "$0")/common.sh"
python_with msgspec==0.22.0

cat > look.py <<'END'
from decimal import Decimal

import msgspec

encoder = msgspec.json.Encoder(decimal_format="number")
lines = encoder.encode([float("nan")]), encoder.encode([Decimal("NaN")])
for line in lines:
    try:
        print(line.decode(), msgspec.json.decode(line), end="; ")
    except msgspec.DecodeError:
        print(line.decode(), "refused", end="; ")
END
same "float and Decimal, read back" "[null] [None]; [NaN] refused; " "$(env/bin/python look.py)"
