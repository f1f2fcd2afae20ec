"""Virtual environments, one for each target and host."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).parents[1] / ".venv-world"
READER = FOLDER / "reader"
"""What runs `make world` itself: the tap, the sandbox, and the libraries that read warehouses."""


class InstallError(Exception):
    """pip could not install something. The message ends with pip's last lines."""


def installed(name: str, requirements: Iterable[str]) -> Path:
    """Return the folder with the programs of a virtual environment, which is made if it isn't there.

    Args:
        name: Its name.
        requirements: What is installed into it. If that changes, it is made again.

    Raises:
        InstallError: pip failed.
    """
    listed = [*requirements]
    folder = FOLDER / name
    stamp = folder / "installed"
    digest = hashlib.sha256("\n".join(listed).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return folder / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True, symlinks=True)
    pip: list[str | Path] = [
        folder / "bin" / "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    ended = subprocess.run(  # noqa: S603
        [*pip, *listed], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if ended.returncode:
        output = "\n".join(ended.stderr.strip().splitlines()[-5:])
        raise InstallError(f"pip could not install {' '.join(listed)}:\n{output}")
    stamp.write_text(digest)
    return folder / "bin"


def python_version() -> str:
    """Return the version of Python that virtual environments get, such as 3.11."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"
