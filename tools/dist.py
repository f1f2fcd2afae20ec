"""Build what is released, and check it: `make dist`.

Both distributions are built into ``dist/``, each as a source distribution and, from that, as a wheel. Their
metadata must be what a package index takes, their files must be those that `tools.distributions` names, and
both must have one version. `tests/documents/test_installed.py` then installs the wheels.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tools.distributions import DISTRIBUTIONS, ROOT, compare

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "dist"
BIN = ROOT / ".venv-dist" / "bin"
"""Where `make dist` has installed what builds and checks."""


def build(folder: Path) -> None:
    """Build all distributions into an emptied folder.

    Args:
        folder: The folder.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for one in DISTRIBUTIONS:
        _run("python", "-m", "build", "--installer", "uv", "--outdir", str(folder), one.project)


def check(folder: Path, version: str | None = None) -> list[str]:
    """Check archives without installing them.

    Args:
        folder: Where the archives of all distributions are.
        version: The version that they must have; None for any, as long as it is one.

    Returns:
        A sentence for each thing that is wrong.
    """
    archives = sorted(folder.iterdir())
    _run("twine", "check", "--strict", *map(str, archives))
    found = {version_of(path) for path in archives}
    sentences = [sentence for one in DISTRIBUTIONS for sentence in compare(one, folder)]
    if found != {version or min(found)}:
        wanted = version or "the same for all"
        sentences.append(f"The version is {' and '.join(sorted(found))}; it must be {wanted}.")
    return sentences


def version_of(archive: Path) -> str:
    """Return the version in the file name of a wheel or source distribution.

    Args:
        archive: Its path.
    """
    return archive.name.removesuffix(".tar.gz").split("-")[1]


def main(arguments: list[str] | None = None) -> int:
    """Build and check, and say what is wrong.

    Args:
        arguments: The command line; None for that of the process.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.dist", description=__doc__)
    parser.add_argument("--version", help="the version that the archives must have, such as 0.2.0")
    version = parser.parse_args(arguments).version
    build(FOLDER)
    sentences = check(FOLDER, version)
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    for path in sorted(FOLDER.iterdir()):
        sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes\n")
    return 1 if sentences else 0


def _run(*command: str) -> None:
    subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, check=True)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
