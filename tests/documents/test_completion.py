"""With the lines of docs/install.md, shells complete options and files when Tab is pressed."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.documents.blocks import block

BIN = Path(sys.executable).parent
STARTED = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}
"""Shell -> how to start it without anybody's own configuration."""
BEFORE = {"zsh": "autoload -U compinit; compinit -D -u"}
"""Shell -> what has to be in the startup file before."""
_ON_TERMINAL = "import pty, sys; pty.spawn(sys.argv[1:])"
"""Python program that gives another one a terminal."""
LIMIT = 60
"""Seconds to wait for what a shell shows: it starts the program to find out."""


class Terminal:
    """A shell on its own terminal."""

    def __init__(self, shell: str, folder: Path) -> None:
        """Start the shell.

        Args:
            shell: Its name.
            folder: Where it starts; its home, too.
        """
        env = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "TERM": "dumb",
            "PS1": "",
            "LANG": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ON_TERMINAL, shell, *STARTED[shell]],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.shown = ""

    def type(self, text: str) -> None:
        """Type a text."""
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def wait_for(self, pattern: str) -> str:
        """Wait until what is shown matches a pattern, and return the match.

        Args:
            pattern: A regular expression.

        Raises:
            TimeoutError: It never does.
        """
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        until = time.monotonic() + LIMIT
        while time.monotonic() < until:
            if found := re.search(pattern, self.shown):
                self.shown = self.shown[found.end() :]
                return found[0]
            if select.select([output], [], [], 1)[0]:
                self.shown += os.read(output, 65536).decode(errors="replace")
        raise TimeoutError(f"{pattern} is not in {self.shown[-2000:]!r}")

    def close(self) -> None:
        """End the shell."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.communicate()


@pytest.mark.parametrize(
    "shell", ["bash", *(pytest.param(shell, marks=pytest.mark.nightly) for shell in ("zsh", "fish"))]
)
def test_a_shell_completes_options_and_files_with_the_line_of_the_documents(
    shell: str, tmp_path: Path
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    line = block("docs/install.md", f"_COMPLETE={shell}_source").text
    (tmp_path / "catalog-of-mine.json").touch()
    (tmp_path / "setup").write_text(f"{BEFORE.get(shell, '')}\n{line}")
    terminal = Terminal(shell, tmp_path)
    try:
        terminal.type("source ./setup; echo set-'up'\n")
        terminal.wait_for("set-up")
        for typed, completed in (
            ("tap-infusionsoft --disc", "over "),
            ("tap-infusionsoft-check --js", "on "),
            ("tap-infusionsoft-login --ope", "n "),
            ("tap-infusionsoft --config catalog-o", "f-mine.json"),
        ):
            terminal.type(f"{typed}\t")
            terminal.wait_for(f"{typed}[^\n]*?{completed}")
            terminal.type("\x15")
    finally:
        terminal.close()
