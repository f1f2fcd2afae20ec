#!/usr/bin/env bash
# The JSON strings "None" and "NA" become empty, even without type inference.
#
# csvkit 2.2.0 with agate 1.14.2.
#
# Guess: JSON has types, so in2csv -f ndjson leaves JSON strings alone; and if not, -I (no inference) makes it so.
# Seen: the strings "None", "NA" and "N/A" become empty cells, with -I as well. Without -I the month "May" becomes the
#   date 0001-05-01, "1d" becomes "1 day, 0:00:00" and "10:30" becomes "0:10:30", ten and a half minutes.
# Why: agate casts each string as if it came from a CSV file; -I only changes the target type to text, and the list of
#   words that mean null applies to text, too.
# Matters: None and Na are surnames, NA is Namibia's country code. A CSV made from a tap's lines loses them in silence,
#   and an import elsewhere then blanks those fields.
. "$(dirname "$0")/common.sh"
python_with csvkit==2.2.0 agate==1.14.2

cat > contacts.jsonl <<'END'
{"id": "1", "surname": "None", "country": "NA", "company": "N/A", "month": "May", "term": "1d", "time": "10:30"}
{"id": "2", "surname": "None", "country": "NA", "company": "N/A", "month": "June", "term": "2d", "time": "11:30"}
END
same "without inference" "1,,,,May,1d,10:30" "$(env/bin/in2csv -f ndjson -I contacts.jsonl | sed -n 2p)"
same "with inference" '1,,,,0001-05-01,"1 day, 0:00:00",0:10:30' "$(env/bin/in2csv -f ndjson contacts.jsonl | sed -n 2p)"
