#!/usr/bin/env bash
# One function reads the first gzip member only, its sibling all.
#
# fflate 0.8.3 (npm), Node 20.
#
# Guess: a .jsonl.gz that was appended to, so that it holds two gzip members, reads whole, as with gunzip and zlib; or
#   both of fflate's ways to read stop at the first.
# Seen: gunzipSync() returns the first member only, without an error. The Gunzip class of the same package, fed the same
#   bytes, returns both.
# Why: the one-shot function takes the stretch between the first header and the last trailer for a single stream, and
#   stops where that stream ends; the class starts over at the next header.
# Matters: log shippers, "cat a.gz b.gz" and batch writers that append make such files. A page that previews a load
#   with gunzipSync() shows a part of the rows and looks complete.
. "$(dirname "$0")/common.sh"
npm_with fflate@0.8.3

printf '{"id":1}\n' | gzip > batch.jsonl.gz
printf '{"id":2}\n' | gzip >> batch.jsonl.gz
cat > look.cjs <<'END'
const { readFileSync } = require("node:fs");
const { Gunzip, gunzipSync } = require("fflate");

const bytes = new Uint8Array(readFileSync("batch.jsonl.gz"));
const rows = (text) => text.trim().split("\n").length;
let streamed = "";
new Gunzip((chunk) => { streamed += Buffer.from(chunk).toString(); }).push(bytes, true);
console.log(rows(Buffer.from(gunzipSync(bytes)).toString()), rows(streamed));
END
same "rows by gunzip" 2 "$(gunzip -c batch.jsonl.gz | wc -l | xargs)"
same "rows by gunzipSync() and by Gunzip" "1 2" "$(node look.cjs)"
