"""What `make dist` refuses: files that are missing from an archive, and files that must not be in one."""

from __future__ import annotations

import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tools.dist import version_of
from tools.distributions import DISTRIBUTIONS, ROOT, TAP, Archive, files_in

PROJECT = [
    "LICENSE",
    "tap_infusionsoft/__init__.py",
    "tap_infusionsoft/py.typed",
    "tap_infusionsoft/streams/sales.py",
    "tap_infusionsoft/xmlrpc/tests/test_wing.py",
    "tap_infusionsoft/xmlrpc/README.md",
]
WHEEL = [
    "tap_infusionsoft/__init__.py",
    "tap_infusionsoft/py.typed",
    "tap_infusionsoft/streams/sales.py",
    *(
        f"tap_infusionsoft-1.0.dist-info/{name}"
        for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    ),
]
SDIST = [f"tap_infusionsoft-1.0/{path}" for path in [*PROJECT, "PKG-INFO"]]


@pytest.mark.parametrize(
    ("archive", "files", "said"),
    [
        (TAP.wheel, WHEEL, []),
        (TAP.wheel, WHEEL[1:], ["lacks tap_infusionsoft/__init__.py"]),
        (TAP.wheel, [*WHEEL, PROJECT[4]], [f"must not have {PROJECT[4]}"]),
        (TAP.wheel, [*WHEEL, "tap_infusionsoft/left.py"], ["must not have tap_infusionsoft/left.py"]),
        (TAP.wheel, [*WHEEL, "tests/secrets.json"], ["must not have tests/secrets.json"]),
        (TAP.wheel, WHEEL[:-1], ["has nothing like tap_infusionsoft-*.dist-info/licenses/LICENSE"]),
        (TAP.sdist, SDIST, []),
        (TAP.sdist, SDIST[1:], ["lacks LICENSE"]),
        (TAP.sdist, SDIST[:-1], ["has nothing like PKG-INFO"]),
        (TAP.sdist, [*SDIST, "tap_infusionsoft-1.0/.env"], ["must not have .env"]),
        (TAP.sdist, [*SDIST, "elsewhere/LICENSE"], ["must not have elsewhere/LICENSE"]),
        (TAP.sdist, [*SDIST, "tap_infusionsoft-1.0/.gitattributes"], ["must not have .gitattributes"]),
    ],
)
def test_an_archive_is_compared_with_its_rule(archive: Archive, files: list[str], said: list[str]) -> None:
    project = [*PROJECT, ".gitattributes"]
    assert archive.differences(files, project) == [f"{archive.name} {one}." for one in said]


def test_the_files_of_archives_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with zipfile.ZipFile(tmp_path / "x-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(tmp_path / "a.txt", "x/a.txt")
    with tarfile.open(tmp_path / "x-1.0.tar.gz", "w:gz") as sdist:
        sdist.add(tmp_path / "a.txt", "x-1.0/x/a.txt")
    assert files_in(tmp_path / "x-1.0-py3-none-any.whl") == ["x/a.txt"]
    assert files_in(tmp_path / "x-1.0.tar.gz") == ["x-1.0/x/a.txt"]
    assert [version_of(path) for path in sorted(tmp_path.glob("x-*"))] == ["1.0", "1.0"]


def test_the_commands_that_are_checked_are_those_that_are_installed() -> None:
    for one in DISTRIBUTIONS:
        project = tomllib.loads((ROOT / one.project / "pyproject.toml").read_text())["project"]
        assert one.name == project["name"]
        assert sorted(one.commands) == sorted(project["scripts"])
