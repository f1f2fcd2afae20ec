#!/usr/bin/env bash
# A nested value is saved as what the screen shows of it: [2] new; old.
#
# visidata 3.4.
#
# Guess: saved as CSV, a cell that holds a list or an object is written as JSON, or as Python prints it.
# Seen: it is what the screen shows of it: [2] new; old for the list and {2} city=Tempe zip=0012 for the
#   object, with the number of elements and without quotes. Saved as JSON, the same sheet is right.
# Why: formats that know only text get the displayed value, and the display of a nested cell is a summary.
# Matters: vd -b rows.jsonl -o rows.csv is a quick way to hand a tap's lines to a spreadsheet. Tags with a
#   semicolon or an address with an equals sign cannot be told apart any more. Expand the columns first, or
#   save as JSON.
. "$(dirname "$0")/common.sh"
python_with visidata==3.4

export HOME=$work TERM=xterm
echo '{"id": "1", "tags": ["new", "old"], "address": {"city": "Tempe", "zip": "0012"}}' > rows.jsonl
for kind in csv json; do
    env/bin/vd --batch rows.jsonl --output rows.$kind > vd.log 2>&1
done
same "CSV" "1,[2] new; old,{2} city=Tempe zip=0012" "$(tail -1 rows.csv | tr -d '\r')"
same "JSON" \
    '[{"id": "1", "tags": ["new", "old"], "address": {"city": "Tempe", "zip": "0012"}}]' \
    "$(tr -d '\n' < rows.json)"
