#!/usr/bin/env bash
# Text below 100 numbers loses its leading zero, or becomes null together with its row.
#
# polars 2.1.0 with fastexcel 0.21.0; the sheet is written by openpyxl 3.1.5.
#
# Guess: a column of an Excel sheet with numbers in its first 100 rows and text below (postal codes: 85001,
#   then "K1A 0B1") is read as text, or it is an error, as in read_csv() and read_ndjson().
# Seen: it is a column of integers. "02134" arrives as 2134 and "K1A 0B1" as null; if that was the only cell
#   of its row, the row is gone. With the text within the first 100 rows all is text, "85001" included.
# Why: the type is settled from a sample of 100 rows; cells that do not fit are set to null, and empty rows
#   are dropped.
# Matters: a list that is sorted by postal code has the foreign ones at the end. The sum of rows is right, or
#   just a few short. Pass infer_schema_length=None.
. "$(dirname "$0")/common.sh"
python_with polars==2.1.0 fastexcel==0.21.0 openpyxl==3.1.5

cat > look.py <<'END'
import openpyxl
import polars

for numbers in (99, 100):
    book = openpyxl.Workbook()
    book.active.append(["zip"])
    for code in [85001] * numbers + ["02134", "K1A 0B1"]:
        book.active.append([code])
    book.save("codes.xlsx")
    codes = polars.read_excel("codes.xlsx")["zip"]
    print(codes.dtype, len(codes), codes.to_list()[-2:], end="; ")
END
same "type, rows, last two" \
    "String 101 ['02134', 'K1A 0B1']; Int64 101 [85001, 2134]; " "$(env/bin/python look.py)"
