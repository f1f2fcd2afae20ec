#!/usr/bin/env bash
# Missing values become the words undefined and null.
#
# json-2-csv 5.6.0 (npm), Node 20.
#
# Guess: a key that a record does not have is an empty cell, and so is null.
# Seen: the cells say undefined and null. A field within an object that is missing as a whole says null, other
#   fields say undefined. csv2json() of the same package reads the words as what they were; no other program
#   does.
# Why: the option for what to write in empty fields is itself undefined unless it is set, and values are then
#   printed as JavaScript prints them.
# Matters: taps leave out what has no value. A contact list made from their lines greets people as
#   "undefined", while a test that goes there and back with the package finds nothing. Pass emptyFieldValue:
#   "".
. "$(dirname "$0")/common.sh"
npm_with json-2-csv@5.6.0

cat > look.cjs <<'END'
const { csv2json, json2csv } = require("json-2-csv");

const csv = json2csv([{ id: "1", name: null, phone: "5", address: { city: "Tempe" } }, { id: "2" }]);
console.log(csv.replaceAll("\n", " / "));
console.log(JSON.stringify(csv2json(csv)[1]));
END
node look.cjs > seen.txt
same "CSV" "id,name,phone,address.city / 1,null,5,Tempe / 2,undefined,undefined,null" "$(sed -n 1p seen.txt)"
same "second record read back" '{"id":2,"address":{"city":null}}' "$(sed -n 2p seen.txt)"
