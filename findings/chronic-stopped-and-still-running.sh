#!/usr/bin/env bash
# A scheduler that stops chronic loses the log, and the command under it goes on.
#
# Debian 12: moreutils 0.67-1 (chronic) with libipc-run-perl 20220807.0-1 and libio-pty-perl 1:1.17-1, Perl
# 5.36.
#
# Guess: chronic, which hides a command's output unless it fails, shows what it has when it gets TERM, and
#   passes TERM on. A command that is killed has failed with 128 and the signal's number, as in a shell.
# Seen: on TERM chronic ends with 143, shows nothing, and the command goes on running. If the command is
#   killed, chronic ends with 1, whatever the signal was, and with -v it says "RETVAL: 0".
# Why: it has no handler for signals, and the output is in its memory. It shifts the wait status by eight
#   bits, which are zero for a killed process, and has an exit code of its own for that.
# Matters: a job that is stopped and started again runs twice at the same time, over one state. A monitor
#   cannot tell "stopped" from "failed". Put chronic under the scheduler only where jobs are never stopped.
. "$(dirname "$0")/common.sh"
apt-get download --quiet=2 moreutils=0.67-1 libipc-run-perl=20220807.0-1 libio-pty-perl=1:1.17-1 \
    > apt.log 2>&1 || { cat apt.log >&2; exit 2; }
for package in ./*.deb; do dpkg-deb --extract "$package" unpacked; done
export PERL5LIB=$work/unpacked/usr/share/perl5:$work/unpacked/usr/lib/x86_64-linux-gnu/perl5/5.36

await() { for _ in $(seq 100); do [ ! -e "$1" ] || return 0; sleep 0.1; done; return 1; }
command='echo "line of the log"; : > started
for _ in $(seq 200); do [ ! -e stopped ] || break; sleep 0.1; done
: > went_on'
unpacked/usr/bin/chronic bash -c "$command" > output.txt 2>&1 &
chronic=$!
await started
kill -TERM "$chronic"
wait "$chronic" && code=0 || code=$?
: > stopped
await went_on && went_on=yes || went_on=no
same "after TERM: exit code, lines shown, the command went on" \
    "143 0 yes" "$code $(wc -l < output.txt | xargs) $went_on"
unpacked/usr/bin/chronic -v bash -c 'kill -KILL $$' > output.txt 2>&1 && code=0 || code=$?
same "a killed command" "1 RETVAL: 0" "$code $(grep RETVAL output.txt)"
