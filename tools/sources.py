"""The modules of a package that ship. The tests in the folder of a wing do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def shipped(package: Path) -> list[Path]:
    """Return the modules of a package without the tests in it.

    Args:
        package: Its folder.
    """
    return sorted(path for path in package.rglob("*.py") if "tests" not in path.relative_to(package).parts)
