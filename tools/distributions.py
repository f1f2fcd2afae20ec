"""What the archives of the two distributions hold: the expectation that `make dist` compares them with.

An archive must have every file of the checkout that its rule names, and nothing else but what the build adds.
"""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The rule for the files of one archive.

    Patterns are those of a shell, but ``*`` also stands for slashes.

    Attributes:
        name: File name, with ``*`` for the version.
        root: Folder that all files are in, with ``*`` for the version; empty if they are at the top.
        carried: Files of the project that must be in it, as patterns of paths from the project's folder.
        left_out: Files among those that must not be in it.
        built: Files that the build adds, as patterns of paths in the archive. Each must match one at least.
    """

    name: str
    root: str = ""
    carried: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    built: tuple[str, ...]

    def differences(self, files: Iterable[str], project: Iterable[str]) -> list[str]:
        """Compare an archive with its rule.

        Args:
            files: Paths in the archive.
            project: Paths of the files of the project.

        Returns:
            A sentence for each difference.
        """
        found = {self._inside(path) for path in files}
        expected = {
            path for path in project if _matches(path, self.carried) and not _matches(path, self.left_out)
        }
        added = {path for path in found if _matches(path, self.built)}
        sentences = [f"{self.name} lacks {path}." for path in sorted(expected - found)]
        sentences += [f"{self.name} must not have {path}." for path in sorted(found - expected - added)]
        sentences += [
            f"{self.name} has nothing like {pattern}."
            for pattern in self.built
            if not any(fnmatchcase(path, pattern) for path in found)
        ]
        return sentences

    def _inside(self, path: str) -> str:
        """Return a path without the folder that everything is in; the whole path if it is elsewhere."""
        top, _, rest = path.partition("/")
        return rest if self.root and fnmatchcase(top, self.root) else path


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution that is released.

    Attributes:
        name: Its name on a package index.
        project: Its folder, from the root of the checkout.
        wheel: What the wheel holds.
        sdist: What the source distribution holds.
        commands: The programs that it installs.
    """

    name: str
    project: str
    wheel: Archive
    sdist: Archive
    commands: tuple[str, ...]


WHEEL_METADATA = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
"""What is in the ``.dist-info`` folder of each wheel."""

TAP = Distribution(
    name="tap-infusionsoft",
    project=".",
    wheel=Archive(
        name="tap_infusionsoft-*.whl",
        carried=("tap_infusionsoft/*.py", "tap_infusionsoft/py.typed"),
        left_out=("*/tests/*",),
        built=tuple(f"tap_infusionsoft-*.dist-info/{name}" for name in WHEEL_METADATA),
    ),
    # Everything in git, so that those who package the tap can run the tests.
    sdist=Archive(
        name="tap_infusionsoft-*.tar.gz",
        root="tap_infusionsoft-*",
        carried=("*",),
        left_out=(".gitattributes", ".git_archival.txt"),
        built=("PKG-INFO",),
    ),
    commands=("tap-infusionsoft", "tap-infusionsoft-check", "tap-infusionsoft-login"),
)
SANDBOX = Distribution(
    name="keap-sandbox",
    project="sandbox",
    wheel=Archive(
        name="keap_sandbox-*.whl",
        carried=("keap_sandbox/*.py", "keap_sandbox/py.typed"),
        built=tuple(f"keap_sandbox-*.dist-info/{name}" for name in WHEEL_METADATA),
    ),
    sdist=Archive(
        name="keap_sandbox-*.tar.gz",
        root="keap_sandbox-*",
        carried=("*",),
        # The build adds the nearest .gitignore, which is the checkout's.
        built=("PKG-INFO", ".gitignore"),
    ),
    commands=("keap-sandbox",),
)
DISTRIBUTIONS = (TAP, SANDBOX)


def files_in(archive: Path) -> list[str]:
    """Return the paths of the files in a wheel or source distribution.

    Args:
        archive: Its path.
    """
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return sorted(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return sorted(one.name for one in sdist.getmembers() if not one.isdir())


def files_of(project: Path) -> list[str]:
    """Return the paths of the files of a project that are in git.

    Args:
        project: Its folder, in a checkout.

    Raises:
        subprocess.CalledProcessError: The folder is in no checkout.
    """
    command = ["git", "ls-files", "-z"]
    done = subprocess.run(command, cwd=project, check=True, capture_output=True, text=True)  # noqa: S603
    return [path for path in done.stdout.split("\0") if path]


def compare(distribution: Distribution, folder: Path) -> list[str]:
    """Compare the archives of a distribution with their rules.

    Args:
        distribution: The distribution.
        folder: Where its wheel and its source distribution are.

    Returns:
        A sentence for each difference.
    """
    project = files_of(ROOT / distribution.project)
    sentences = []
    for rule in (distribution.wheel, distribution.sdist):
        built = list(folder.glob(rule.name))
        if len(built) != 1:
            sentences.append(f"There are {len(built)} files {rule.name}; there must be one.")
        for archive in built:
            sentences += rule.differences(files_in(archive), project)
    return sentences


def _matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
