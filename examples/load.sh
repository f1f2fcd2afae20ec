#!/usr/bin/env bash
# One run of tap-infusionsoft into a target, for any scheduler:
#
#     load.sh FOLDER TARGET [ARGUMENT...]
#
# FOLDER keeps the state (state.json), and config.json and catalog.json if there are such; settings can also come from
# the environment. Programs are looked for beside this script first. The exit code is the tap's: 75 means that a later
# run goes on. It is 1 if the target failed.
#
# With `set -m`, the tap and the target run in process groups of their own. So a signal to this script, or to its whole
# group, reaches the tap only, through the trap: the tap ends, the target sees the end of its input, loads what it has
# and says its state.
set -mu -o pipefail

[ $# -ge 2 ] || {
    echo "Usage: load.sh FOLDER TARGET [ARGUMENT...]" >&2
    exit 2
}
PATH=$(dirname "$0"):$PATH
folder=$1
shift
state=$folder/state.json

# The tap and the target inherit the lock, so it is held as long as one of them lives.
{ exec 9>>"$folder/lock"; } 2>/dev/null || {
    echo "$folder/lock cannot be written. Make the folder $folder, writable for the user $(id -un)." >&2
    exit 2
}
flock --nonblock --conflict-exit-code 75 9 || {
    code=$?
    [ "$code" -ne 75 ] || echo "Another run is at work in $folder." >&2
    exit "$code"
}

scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
mkfifo "$scratch/records" || exit

tap='' stopped=''
stop() {
    stopped=yes
    [ -z "$tap" ] || kill -TERM "$tap" 2>/dev/null
}
trap stop TERM INT HUP

keep_states() {
    while IFS= read -r line; do
        printf '%s\n' "$line" >"$state.new" && mv "$state.new" "$state" || exit
    done
}

wait_for() { # a signal interrupts `wait`
    while kill -0 "$1" 2>/dev/null; do wait "$1"; done
    wait "$1"
}

options=(--config ENV)
[ ! -e "$folder/config.json" ] || options+=(--config "$folder/config.json")
[ ! -e "$folder/catalog.json" ] || options+=(--catalog "$folder/catalog.json")
[ ! -s "$state" ] || options+=(--state "$state")

{ "$@" <"$scratch/records" | keep_states; } &
target=$!
tap-infusionsoft "${options[@]}" >"$scratch/records" &
tap=$!
[ -z "$stopped" ] || stop

wait_for "$tap"
code=$?
wait_for "$target" || {
    echo "The target failed with exit code $?." >&2
    exit 1
}
exit "$code"
