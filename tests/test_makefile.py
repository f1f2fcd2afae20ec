"""The commands of the Makefile are ones that a shell can read, for every target and warehouse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TARGETS = re.findall(r"^([\w./-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def _commands(*arguments: str) -> str:
    """Return what make would run, for a machine on which nothing was made yet."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "arguments", [*((one,) for one in TARGETS), ("demo", "WAREHOUSE=duckdb")], ids=" ".join
)
def test_the_commands_of_a_target_are_ones_that_a_shell_can_read(arguments: tuple[str, ...]) -> None:
    read = subprocess.run(
        ["sh", "-n"], input=_commands(*arguments), capture_output=True, text=True, check=False
    )
    assert read.stderr == ""


def test_the_environment_of_the_bridge_has_all_that_it_is_proven_with() -> None:
    commands = _commands("bridge")
    for package in ("'.[dev,dlt]'", "dlt==", "duckdb==", "deltalake==", "pyiceberg["):
        assert package in commands


def test_what_make_created_is_not_in_git_and_so_not_in_a_release() -> None:
    (line, *_) = _commands("clean").splitlines()
    ignored = {one.strip("/") for one in (ROOT / ".gitignore").read_text().splitlines()}
    assert {*line.removeprefix("rm -rf ").split()} <= ignored
