"""What `make dist` has built is installed as users install it, and loads an account.

The tap and the sandbox are in their own environments, made from the wheels, with nothing of the checkout.
The commands of docs/install.md run as written; they find the wheels beside the package index, as they will
find them on it after a release.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tap_infusionsoft.tap import TapInfusionsoft
from tests.documents.blocks import ROOT, block
from tests.documents.newcomer import Newcomer
from tools.dist import FOLDER, version_of
from tools.distributions import DISTRIBUTIONS, SANDBOX, TAP, Distribution

VENV = Path(os.environ.get("DIST_VENV", ROOT / ".venv-dist"))
PYTHONS = os.environ.get("DIST_PYTHONS", "python3").split()
KEY = "KeapAK-sandbox"
ONE_LINERS = [
    ("docs/install.md", part)
    for part in ("uvx tap", "uvx --from . ", "python3 -m venv ", "uvx --from ./sandbox ", "uvx check")
]
"""Blocks that are run as they are."""
INSTALLS = [
    ("docs/install.md", part) for part in ("uv tool install tap", "pipx install tap", "uv tool install .\n")
]
"""Blocks that install the tap."""
UPGRADES = {"uv": ("docs/install.md", "uv tool upgrade"), "pipx": ("docs/install.md", "pipx upgrade")}
"""What installs the tap -> the block that upgrades it."""
AT_RELEASE = [*ONE_LINERS, *INSTALLS, *UPGRADES.values()]
"""Blocks that only these tests run."""

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif("DIST_VENV" not in os.environ, reason="make dist builds the wheels"),
    pytest.mark.timeout(1800),
]


def wheel(distribution: Distribution) -> Path:
    (found,) = FOLDER.glob(distribution.wheel.name)
    return found


def output(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program in an empty environment, and return what it prints."""
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(("PATH", "UV_", "PIP_", "SSL_"))
    }
    done = subprocess.run(command, env={**kept, **(env or {})}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module", params=PYTHONS)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment for each distribution, made from its wheel."""
    folder = tmp_path_factory.mktemp("installed")
    for one in DISTRIBUTIONS:
        output(VENV / "bin" / "uv", "venv", "--python", request.param, folder / one.name)
        python = folder / one.name / "bin" / "python"
        output(VENV / "bin" / "uv", "pip", "install", "--python", python, wheel(one))
    return folder


@pytest.fixture(scope="module")
def account(installed: Path) -> Iterator[dict[str, str]]:
    """The settings that read an account of the installed sandbox."""
    command: list[str | Path] = [
        installed / SANDBOX.name / "bin" / "keap-sandbox",
        *("--contacts", "20", "--api-key", KEY, "--set", "limits=off quota_headers=blank"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        yield {
            "TAP_INFUSIONSOFT_API_KEY": KEY,
            "TAP_INFUSIONSOFT_API_URL": url,
            "TAP_INFUSIONSOFT_REQUESTS_PER_SECOND": "1000",
            "TAP_INFUSIONSOFT_REQUESTS_PER_HOUR": "1000000",
        }
        server.terminate()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda one: one.name)
def test_every_command_starts(installed: Path, distribution: Distribution) -> None:
    folder = installed / distribution.name / "bin"
    for command in distribution.commands:
        assert "Usage: " in output(folder / command, "--help") or "usage: " in output(
            folder / command, "--help"
        )


def test_the_installed_tap_says_its_version_and_settings(installed: Path) -> None:
    tap = installed / TAP.name / "bin" / "tap-infusionsoft"
    version = version_of(wheel(TAP))
    assert output(tap, "--version").startswith(f"tap-infusionsoft v{version}, ")
    about = json.loads(output(tap, "--about", "--format=json"))
    assert (about["name"], about["version"]) == ("tap-infusionsoft", version)
    TapInfusionsoft.append_builtin_config(TapInfusionsoft.config_jsonschema)
    assert about["settings"]["properties"].keys() == TapInfusionsoft.config_jsonschema["properties"].keys()


def test_the_installed_tap_loads_an_account_of_the_installed_sandbox(
    installed: Path, account: dict[str, str], tmp_path: Path
) -> None:
    programs = installed / TAP.name / "bin"
    checked = output(programs / "tap-infusionsoft-check", "--config", "ENV", "--json", env=account)
    assert "contacts" in json.loads(checked)["streams"]
    catalog = tmp_path / "catalog.json"
    catalog.write_text(output(programs / "tap-infusionsoft", "--config", "ENV", "--discover", env=account))
    assert len(json.loads(catalog.read_text())["streams"]) > 50
    env = account | {"TAP_INFUSIONSOFT_STREAMS": "contacts, tags"}
    lines = output(programs / "tap-infusionsoft", "--config", "ENV", "--catalog", catalog, env=env)
    rows = [one for one in map(json.loads, lines.splitlines()) if one["type"] == "RECORD"]
    assert len([one for one in rows if one["stream"] == "contacts"]) == 20


@pytest.fixture
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """Somebody in a checkout with uv and pipx, and a package index that has the wheels."""
    folder = tmp_path_factory.mktemp("newcomer")
    places = {"UV_TOOL_DIR": "tools", "UV_TOOL_BIN_DIR": "bin", "PIPX_HOME": "pipx", "PIPX_BIN_DIR": "bin"}
    env = {
        "UV_CACHE_DIR": output(VENV / "bin" / "uv", "cache", "dir").strip(),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_FIND_LINKS": str(FOLDER),
        "UV_PRERELEASE": "allow",  # a version between two releases
        **{name: str(folder / place) for name, place in places.items()},
    }
    checkout = folder / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", checkout], check=True)
    return Newcomer(checkout, [folder / "bin", VENV / "bin"], env=env)


@pytest.mark.parametrize(("document", "part"), ONE_LINERS)
def test_a_one_liner_runs_the_program(document: str, part: str, newcomer: Newcomer) -> None:
    commands = block(document, part).text.splitlines()
    for command in commands:
        shown = newcomer.run(command).stdout
        if "keap-sandbox" in command:
            assert "--contacts" in shown
        elif "check-jsonschema" in command:
            assert shown == "ok -- validation done\n"
        elif " . " in command:  # the commit that is checked out, without what is not committed
            assert re.match(r"tap-infusionsoft v\d+\.\d+\.\d+", shown)
        else:
            assert shown.startswith(f"tap-infusionsoft v{version_of(wheel(TAP))}, ")


@pytest.mark.parametrize(("document", "part"), INSTALLS)
def test_an_installation_puts_all_programs_on_the_path(document: str, part: str, newcomer: Newcomer) -> None:
    newcomer.run(block(document, part).text)
    newcomer.run(block(*UPGRADES[part.split(maxsplit=1)[0]]).text)
    for command in TAP.commands:
        newcomer.run(f"{newcomer.path[0]}/{command} --help")
