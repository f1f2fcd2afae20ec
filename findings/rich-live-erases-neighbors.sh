#!/usr/bin/env bash
# A live display of several lines wipes out what another program writes to the terminal; one of a single line does not.
#
# rich 15.0.0, pyte 0.8.2 (the terminal).
#
# Guess: lines that another program writes to the same terminal under a Live display are torn, and stay on the screen.
# Seen: under a display of one line they stay, glued to its old text. Under one of three lines all of them are gone, and
#   the first line of the display is left behind once for each.
# Why: a refresh moves the cursor up by the height of the display and erases downward. After a foreign line the cursor is
#   one line lower than rich believes, so it erases the foreign line instead of its own first one.
# Matters: `tap | target` in a terminal: a tap with a progress display of several lines wipes out the target's log, errors
#   included. One line is safe; so is a display only where the other end is not on the terminal.
. "$(dirname "$0")/common.sh"
python_with rich==15.0.0 pyte==0.8.2

cat > look.py <<'END'
import io
import sys

import pyte
from rich.console import Console
from rich.live import Live

screen = pyte.Screen(40, 12)
stream = pyte.Stream(screen)


class Terminal(io.StringIO):
    def write(self, text: str) -> int:
        stream.feed(text.replace("\n", "\r\n"))
        return len(text)


console = Console(file=Terminal(), force_terminal=True, width=40, height=12)
height = int(sys.argv[1])
with Live("\n".join(f"reading {n}" for n in range(height)), console=console, auto_refresh=False) as live:
    live.refresh()
    for table in ("contacts", "orders"):
        stream.feed(f"target: {table} loaded\r\n")
        live.refresh()
print(" | ".join(line.rstrip() for line in screen.display if line.strip()))
END
same "one line" "reading 0target: contacts loaded | reading 0target: orders loaded | reading 0" "$(env/bin/python look.py 1)"
same "three lines" "reading 0 | reading 0 | reading 0 | reading 1 | reading 2" "$(env/bin/python look.py 3)"
