#!/usr/bin/env bash
# Runs every finding, one after the other, with an empty package cache, and writes the seconds each took to
# times.tsv. Ends with the number of those that failed.
set -euo pipefail
cd "$(dirname "$0")"

HOME=$(mktemp -d)
export HOME
trap 'rm -rf "$HOME"' EXIT
failed=0
: > times.tsv
for finding in *-*.sh; do
    SECONDS=0
    "./$finding" || { echo "$finding: $?"; failed=$((failed + 1)); }
    printf '%s\t%s\n' "${finding%.sh}" "$SECONDS" >> times.tsv
done
exit "$failed"
