"""The short suite finds bugs that are planted into the tap on purpose; see planted_bugs.py."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.planted_bugs import BUGS, ROOT, Bug

COPIED = (
    "tap_infusionsoft",
    "sandbox",
    "tests",
    "tools",
    "demo",
    "conftest.py",
    "pyproject.toml",
    "README.md",
    "docs",
    "meltano.yml",
)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_bug_can_be_planted(bug: Bug) -> None:
    source = (ROOT / "tap_infusionsoft" / bug.file).read_text()
    assert source.count(bug.old) == 1, f"plant '{bug.name}' elsewhere: {bug.file} has changed"
    for test in bug.found_by:
        file, name = test.split("::")
        exists = f"\ndef {name}(" in (ROOT / "tests" / file).read_text()
        assert exists, f"{test} was to find '{bug.name}', and is gone"


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("bug", "test"),
    [pytest.param(bug, test, id=f"{bug.name}-{test}") for bug in BUGS for test in bug.found_by],
)
def test_the_short_suite_finds_the_bug(bug: Bug, test: str) -> None:
    # Not in tmp_path, which is searched for secrets: the copy holds those of the tests.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, copy / name)
        bug.plant(copy)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-n0", "-x", "--tb=line"),
                *("--hypothesis-profile", "without shrinking"),
                *("--basetemp", copy / "nested", f"tests/{test}"),
            ],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, f"it ended with {done.returncode}"
