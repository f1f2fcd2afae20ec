#!/usr/bin/env bash
# The library cannot start with pandas 3, because Namibia's code NA is read as a missing value.
#
# country_converter 1.3.2 with pandas 3.1.1, beside pandas 2.3.3.
#
# Guess: CountryConverter() turns names of countries into codes, with whatever pandas pip brings along.
# Seen: with pandas 3.1.1 the object cannot be made: TypeError, "first argument must be string or compiled
#   pattern". With pandas 2.3.3 it can. It is Namibia: its code NA is read from the package's own table as a
#   missing value.
# Why: read_csv(converters={"ISO2": str}) kept NA in pandas 2, since a converter had the last word. In 3.1.1
#   the words for missing values apply to what the converter returns.
# Matters: the message names neither pandas nor Namibia. Lists of countries, states and surnames that are read
#   with converters=str, the usual cure for NA, lose them again; keep_default_na=False keeps them in both.
. "$(dirname "$0")/common.sh"
python_with country_converter==1.3.2 pandas==3.1.1

cat > look.py <<'END'
import io

import country_converter
import pandas

table = "name,ISO2\nNamibia,NA\nGermany,DE\n"
print(*pandas.read_csv(io.StringIO(table), converters={"ISO2": str})["ISO2"], end="; ")
try:
    print(*country_converter.CountryConverter().convert(["Namibia", "Germany"], to="ISO2"))
except TypeError as error:
    print(error)
END
same "pandas 3: codes, converter" \
    "nan DE; first argument must be string or compiled pattern" "$(env/bin/python look.py 2> look.log)"
env/bin/pip --quiet install pandas==2.3.3 2> pip.log || { cat pip.log >&2; exit 2; }
same "pandas 2: codes, converter" "NA DE; NA DE" "$(env/bin/python look.py 2> look.log)"
