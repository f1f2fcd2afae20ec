"""The tap and the sandbox are two distributions: neither carries, imports or needs the other."""

from __future__ import annotations

import ast
import configparser
import email
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from tools.sources import shipped

ROOT = Path(__file__).parents[2]
TAP, SANDBOX = ROOT / "tap_infusionsoft", ROOT / "sandbox" / "keap_sandbox"


class Wheel:
    """A wheel that was built from the checkout."""

    def __init__(self, project: Path, folder: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "--target",
            "wheel",
            "--directory",
            str(folder),
        ]
        subprocess.run(command, cwd=project, check=True, capture_output=True)
        (path,) = folder.glob("*.whl")
        with zipfile.ZipFile(path) as archive:
            self._files = {name: archive.read(name) for name in archive.namelist()}

    @property
    def packages(self) -> set[str]:
        """The names at the top, without the wheel's own metadata."""
        top = {name.partition("/")[0] for name in self._files}
        return {name for name in top if not name.endswith(".dist-info")}

    @property
    def modules(self) -> set[str]:
        return {name for name in self._files if name.endswith(".py")}

    @property
    def commands(self) -> dict[str, str]:
        """The console scripts; there are no other entry points."""
        parsed = configparser.ConfigParser()
        parsed.read_string(self._about("entry_points.txt").decode())
        assert parsed.sections() == ["console_scripts"]
        return dict(parsed["console_scripts"])

    @property
    def metadata(self) -> Message:
        return email.message_from_string(self._about("METADATA").decode())

    @property
    def license(self) -> bytes:
        return self._about("licenses/LICENSE")

    def _about(self, name: str) -> bytes:
        (found,) = (self._files[path] for path in self._files if path.endswith(f".dist-info/{name}"))
        return found


@pytest.fixture(scope="module")
def tap(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return Wheel(ROOT, tmp_path_factory.mktemp("tap"))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return Wheel(ROOT / "sandbox", tmp_path_factory.mktemp("sandbox"))


def modules_of(package: Path) -> set[str]:
    return {path.relative_to(package.parent).as_posix() for path in shipped(package)}


def imports_of(package: Path) -> dict[str, set[str]]:
    """The names at the top of everything that a package imports, and a file that does."""
    found: dict[str, set[str]] = {}
    for path in shipped(package):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path} has a relative import"
                names = [node.module or ""]
            else:
                continue
            for name in names:
                found.setdefault(name.partition(".")[0], set()).add(path.name)
    return found


def required(wheel: Wheel) -> set[str]:
    """The distributions that a wheel needs, without those of its extras."""
    needed = wheel.metadata.get_all("Requires-Dist", [])
    return {one.partition(">")[0].lower() for one in needed if "extra ==" not in one}


def test_the_wheel_of_the_tap_holds_the_tap_and_its_commands_only(tap: Wheel) -> None:
    assert tap.packages == {"tap_infusionsoft"}
    assert tap.modules == modules_of(TAP)
    assert tap.commands == {
        "tap-infusionsoft": "tap_infusionsoft.__main__:main",
        "tap-infusionsoft-check": "tap_infusionsoft.check.command:main",
        "tap-infusionsoft-login": "tap_infusionsoft.login:main",
    }


def test_the_wheel_of_the_sandbox_holds_the_sandbox_and_its_command(sandbox: Wheel) -> None:
    assert sandbox.packages == {"keap_sandbox"}
    assert sandbox.modules == modules_of(SANDBOX)
    assert sandbox.commands == {"keap-sandbox": "keap_sandbox.cli:main"}


def test_the_sandbox_imports_nothing_that_its_wheel_does_not_require(sandbox: Wheel) -> None:
    third_party = imports_of(SANDBOX).keys() - sys.stdlib_module_names - {"keap_sandbox"}
    assert third_party == {"aiohttp", "msgspec"}
    assert required(sandbox) == third_party | {"tzdata"}  # zoneinfo reads it where the system has no zones


def test_neither_the_tap_nor_the_sandbox_imports_the_other() -> None:
    tap_imports, sandbox_imports = imports_of(TAP), imports_of(SANDBOX)
    assert tap_imports.get("keap_sandbox") is None
    assert sandbox_imports.get("tap_infusionsoft") is None
    # The check sees imports: each package imports from itself
    assert "tap_infusionsoft" in tap_imports
    assert "keap_sandbox" in sandbox_imports


def test_the_tap_does_not_require_the_sandbox_nor_the_sandbox_the_tap(tap: Wheel, sandbox: Wheel) -> None:
    assert "keap-sandbox" not in required(tap)
    assert "tap-infusionsoft" not in required(sandbox)


def test_both_wheels_carry_the_same_license_and_their_own_readme(tap: Wheel, sandbox: Wheel) -> None:
    assert tap.license == sandbox.license == (ROOT / "LICENSE").read_bytes()
    assert tap.metadata["License-Expression"] == sandbox.metadata["License-Expression"] == "Apache-2.0"
    assert tap.metadata.get_payload() == (ROOT / "README.md").read_text()
    assert sandbox.metadata.get_payload() == (ROOT / "sandbox" / "README.md").read_text()


def test_both_distributions_support_the_same_python_versions(tap: Wheel, sandbox: Wheel) -> None:
    def supported(wheel: Wheel) -> list[str]:
        return [one for one in wheel.metadata.get_all("Classifier", []) if "Python :: 3" in one]

    assert tap.metadata["Requires-Python"] == sandbox.metadata["Requires-Python"]
    assert supported(tap) == supported(sandbox)
