#!/usr/bin/env bash
# yes | head -1 raises, with the exit code of a signal.
#
# plumbum 2.0.2.
#
# Guess: (tap | target)() ends like a shell's pipe: the last command decides, and the first one's failure is
#   not seen.
# Seen: every command's exit code is looked at, the first one's first. So `yes | head -1`, which works in
#   every shell, raises with exit code -13, and the output of head is in the error only.
# Why: a pipe checks its left end and then its right one. A command that has read enough closes its end, and
#   the one before it dies of SIGPIPE, which counts as a failure.
# Matters: good for tap | target, which fails when the tap fails. Bad for every preview of a tap's first
#   lines: ask for .run(retcode=None) there.
. "$(dirname "$0")/common.sh"
python_with plumbum==2.0.2

cat > look.py <<'END'
from plumbum import ProcessExecutionError, local

sh, cat, head, yes = local["sh"], local["cat"], local["head"], local["yes"]
three = sh["-c", "echo a; exit 3"]
for pipe in (three | cat, three | sh["-c", "cat; exit 4"], yes | head["-1"]):
    try:
        print(repr(pipe()), end="; ")
    except ProcessExecutionError as error:
        print(error.retcode, repr(error.stdout), end="; ")
print((yes | head["-1"]).run(retcode=None)[:2])
END
same "3|0, 3|4, yes|head, and without a check" \
    "3 'a\\n'; 3 'a\\n'; -13 'y\\n'; (-13, 'y\\n')" "$(env/bin/python look.py)"
