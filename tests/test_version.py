"""The version comes from the git tag, and is a sensible one where there is no tag, or no git."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from tap_infusionsoft.tap import TapInfusionsoft

ROOT = Path(__file__).parents[1]
PROJECTS = (".", "sandbox")
_ARCHIVAL = ROOT / ".git_archival.txt"
_IS_CHECKOUT = _ARCHIVAL.exists() and "$Format" in _ARCHIVAL.read_text()
"""Whether git has not yet filled in what an export says of its version."""


def declared(project: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / project / "pyproject.toml").read_text())
    return found


def test_both_distributions_have_the_same_version_where_git_knows_no_tag() -> None:
    fallback = [declared(project)["tool"]["hatch"]["version"]["fallback-version"] for project in PROJECTS]
    assert fallback == [fallback[0]] * len(PROJECTS)
    assert Version(fallback[0]).is_devrelease


def test_the_tap_says_the_version_of_its_distribution() -> None:
    assert TapInfusionsoft.get_plugin_version() == version("tap-infusionsoft")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with what decides on the version, and a commit, but no tag."""
    folder = tmp_path / "checkout"
    for project in PROJECTS:
        (folder / project).mkdir(exist_ok=True)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / project / name, folder / project)
    for name in (".gitattributes", ".git_archival.txt") if _IS_CHECKOUT else ():
        shutil.copy(ROOT / name, folder)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "A commit")


def versions(folder: Path) -> list[Version]:
    """The versions that builds in a folder would have, the tap's first."""
    found = []
    for project in PROJECTS:
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "version"],
            cwd=folder / project,
            check=True,
            capture_output=True,
            text=True,
        )
        found.append(Version(done.stdout.strip()))
    return found


def exported(checkout: Path) -> Path:
    """What GitHub's source archives hold of a checkout: no git, but the version."""
    folder = checkout.parent / "exported"
    folder.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=checkout, check=True, capture_output=True)
    subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
    return folder


def test_a_tag_is_the_version_and_later_commits_count_towards_the_next(checkout: Path) -> None:
    git(checkout, "tag", "v1.4.0")
    assert versions(checkout) == [Version("1.4.0")] * 2
    commit(checkout)
    (later, _) = found = versions(checkout)
    assert found == [later] * 2
    assert (later.base_version, later.dev) == ("1.4.1", 1)


@pytest.mark.skipif(not _IS_CHECKOUT, reason="this is an export or a source distribution")
def test_an_export_has_the_version_of_its_tag(checkout: Path) -> None:
    git(checkout, "tag", "v1.4.0")
    assert versions(exported(checkout)) == [Version("1.4.0")] * 2


def test_without_a_tag_the_version_is_before_the_next_release(checkout: Path) -> None:
    """In a checkout, a shallow clone as CI makes it, an export, and a copy within another repository."""
    release = Version(declared(".")["tool"]["hatch"]["version"]["fallback-version"])
    commit(checkout)
    shallow, copy = checkout.parent / "shallow", checkout.parent / "other" / "copy"
    git(checkout, "clone", "--quiet", "--depth", "1", f"file://{checkout}", str(shallow))
    shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns(".git"))
    git(copy.parent, "init", "--quiet")
    commit(copy.parent)
    git(copy.parent, "tag", "v9.9.9")
    for folder, dev in ((checkout, 2), (shallow, 1), (exported(checkout), 0), (copy, 0)):
        (first, _) = found = versions(folder)
        assert found == [first] * 2
        assert (first.base_version, first.dev) == (release.base_version, dev)
