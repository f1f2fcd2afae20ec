"""A folder in which somebody follows the documents, with nothing but what they tell to install."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.canary import assert_clean

_PRELUDE = """
set -eu
curl() { command curl --silent --show-error --fail-with-body "$@"; }
"""
"""A failure ends the script, and an HTTP error is a failure."""


@dataclass
class Newcomer:
    """Runs commands as they are written, except for addresses and secrets, which are put in.

    Attributes:
        folder: Where the commands run. Its subfolder ``home`` is the home folder.
        path: Folders with programs, before those of the system.
        replaced: Text in a document -> what somebody would write instead, such as an address.
        env: Other environment variables.
    """

    folder: Path
    path: Sequence[Path] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, commands: str, *, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run commands in bash, and fail if one of them fails.

        Args:
            commands: The commands, as in a document.
            timeout: Seconds after which they are ended.
        """
        script = _PRELUDE + self.put_in(commands)
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        path = os.pathsep.join([*map(str, self.path), os.environ["PATH"]])
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "UV_", "SSL_", "LANG"))
        }
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**kept, "PATH": path, "HOME": str(home), **self.env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        assert_clean(done.stdout, done.stderr)
        assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
        return done

    def put_in(self, text: str) -> str:
        """Put addresses and secrets into a text of a document."""
        for written, meant in self.replaced.items():
            text = text.replace(written, meant)
        return text
