#!/usr/bin/env bash
# A sum over JSON texts is 0, and sort -nr sorts them as text.
#
# Debian 12: miller 6.6.0-2+b3.
#
# Guess: mlr stats1 and sort -nr treat the JSON text "9" like the CSV cell 9, as a number, or say that they
#   cannot.
# Seen: of "9", "10" and 5, stats1 gives the sum 5, the mean 5, the count 3 and the maximum "9". sort -nr has
#   "9" above "10". The exit code is 0. The same rows as CSV give the sum 24 and 10, 9, 5.
# Why: only what comes without quotes is a number, as of Miller 6. The statistics leave the rest out, some of
#   them, and a numerical sort compares it as text.
# Matters: ids are text in most taps, amounts in some. A column that is text in some rows only has a sum that
#   is just too small, and a mean that is not sum by count. float($amount) makes it a number.
. "$(dirname "$0")/common.sh"
apt-get download --quiet=2 miller=6.6.0-2+b3 > apt.log 2>&1 || { cat apt.log >&2; exit 2; }
dpkg-deb --extract miller_*.deb unpacked

printf '%s\n' '{"amount":"9"}' '{"amount":"10"}' '{"amount":5}' > rows.json
unpacked/usr/bin/mlr --ijson --ocsv cat rows.json > rows.csv
for kind in json csv; do
    mlr=(unpacked/usr/bin/mlr "--i$kind" --from rows.$kind)
    "${mlr[@]}" --ojsonl stats1 -a sum,mean,count,max -f amount > $kind.stats
    "${mlr[@]}" --onidx sort -nr amount | xargs > $kind.sorted
done
same "JSON" '{"amount_sum": 5, "amount_mean": 5, "amount_count": 3, "amount_max": "9"} 9 10 5' \
    "$(cat json.stats json.sorted | paste -sd' ')"
same "CSV" '{"amount_sum": 24, "amount_mean": 8, "amount_count": 3, "amount_max": 10} 10 9 5' \
    "$(cat csv.stats csv.sorted | paste -sd' ')"
