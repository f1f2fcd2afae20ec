#!/usr/bin/env bash
# A text that begins with an icon of Font Awesome loses it, or becomes bytes.
#
# dlt 1.31.0 into duckdb 2.0.1.
#
# Guess: a text that begins with an icon of Font Awesome, as in text copied from a web page, arrives as it is;
#   the writer escapes whatever its own files use as marks.
# Seen: the barcode icon (U+F02A) and "40063813" arrive as 0x40063813; the icon is gone and the text is
#   another one. The volume icon (U+F026) and "12.50" arrive as 12.50. The same icon before a word, or within
#   the text, stays. If a barcode comes first, the column is a BLOB, and what does not fit goes to a second
#   column.
# Why: dlt's files mark values that JSON cannot express (decimals, bytes, dates) by a first character from the
#   same private range of Unicode, and it takes every string that begins so and can be read as such a value
#   for one.
# Matters: values of text columns change only where what follows looks like a number, so samples look right.
#   Take the private range out of texts before they are yielded.
. "$(dirname "$0")/common.sh"
python_with dlt==1.31.0 duckdb==2.0.1

export RUNTIME__DLTHUB_TELEMETRY=false RUNTIME__LOG_LEVEL=CRITICAL
cat > look.py <<'END'
import dlt
import duckdb

texts = ("see \uf02612.50", "\uf026 loud", "\uf02a40063813", "\uf02612.50")
for name, notes in (("plain first", texts), ("icon first", texts[2:])):
    target = dlt.destinations.duckdb(f"{name}.duckdb")
    pipeline = dlt.pipeline(name, pipelines_dir=".", destination=target, dataset_name="s")
    pipeline.run([{"id": number, "note": note} for number, note in enumerate(notes)], table_name="t")
    query = "SELECT * EXCLUDE (id, _dlt_id, _dlt_load_id) FROM s.t ORDER BY id"
    table = duckdb.connect(f"{name}.duckdb").sql(query)
    print(*map(str, table.types), *(ascii(note) for row in table.fetchall() for note in row), end="; ")
END
env/bin/python look.py > seen.txt 2> dlt.log
same "plain text first" \
    "VARCHAR 'see \uf02612.50' '\uf026 loud' '0x40063813' '12.50'" "$(cut -d';' -f1 seen.txt)"
same "icon first" \
    " BLOB DECIMAL(38,9) b'@\x068\x13' None None Decimal('12.500000000')" "$(cut -d';' -f2 seen.txt)"
