"""A target installed beside the tap.

``pip install target-jsonl`` in the tap's own virtual environment replaced jsonschema by version 2.6, and the
tap ended with a traceback.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import tap
from tools.messages import is_listed

OLD_LIBRARIES = {
    "too old": ("jsonschema/validators.py", "class Draft4Validator: pass"),
    "missing": ("msgspec.py", "raise ImportError('no module named msgspec')"),
}


@pytest.mark.parametrize(("file", "source"), OLD_LIBRARIES.values(), ids=OLD_LIBRARIES)
def test_a_library_that_another_program_replaced_is_told_in_one_line(
    tmp_path: Path, file: str, source: str
) -> None:
    place = tmp_path / "libraries" / file
    place.parent.mkdir(parents=True)
    (place.parent / "__init__.py").touch()
    place.write_text(source)
    done = tap(tmp_path, {"api_key": "any"}, env={"PYTHONPATH": str(tmp_path / "libraries")}, cold=True)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("A library that the tap needs is missing or too old: ")
    assert line.endswith("Install the tap in its own virtual environment.")
    assert is_listed(line)
