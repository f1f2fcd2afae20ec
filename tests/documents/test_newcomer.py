"""A newcomer installs everything as the documents say, in their own environments, and loads an account.

Heavy, so these run at night only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from demo.warehouse import Warehouse
from keap_sandbox import Sandbox
from tests.documents.blocks import ROOT, block, inline_code, inline_commands
from tests.documents.newcomer import Newcomer
from tests.documents.steps import INSTALL, configure, load_twice

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif("DEMO_VENV" not in os.environ, reason="make test-all installs Meltano and names it"),
    pytest.mark.timeout(1800),  # installs programs, and loads accounts with Meltano
]

DEMO = ("README.md", "make demo")
FIRST_STEPS_DEMO = ("docs/index.md", "make demo")
MELTANO = ("docs/account.md", "meltano run tap-infusionsoft target-postgres\n")
SANDBOX = ("sandbox/README.md", "pip install ./sandbox")
MADE = ("output", "build", "dist")
"""Folders that make creates in a checkout."""
AT_NIGHT = [INSTALL, MELTANO, DEMO, FIRST_STEPS_DEMO]
"""Blocks that only these tests run."""


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder other than tmp_path, which is searched for secrets: the checkout's tests hold some."""
    return tmp_path_factory.mktemp("newcomer")


@pytest.fixture
def checkout(folder: Path) -> Path:
    """A copy of this checkout, without what make has put there."""
    copy = folder / "checkout"
    copy.mkdir()
    for path in ROOT.iterdir():
        if path.name.startswith(".") or path.name in MADE:
            continue
        if path.is_dir():
            shutil.copytree(path, copy / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, copy)
    return copy


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(contacts=60, switches={"limits": "off", "quota_headers": "blank"}) as sandbox:
        yield sandbox


@pytest.fixture
def settings(box: Sandbox) -> dict[str, str]:
    return {
        "TAP_INFUSIONSOFT_API_URL": box.url,
        "TAP_INFUSIONSOFT_REQUESTS_PER_SECOND": "1000",
        "TAP_INFUSIONSOFT_REQUESTS_PER_MINUTE": "1000000",
        "TAP_INFUSIONSOFT_REQUESTS_PER_HOUR": "1000000",
    }


def test_the_first_steps_load_an_account(checkout: Path, folder: Path, settings: dict[str, str]) -> None:
    places = {"PIPX_HOME": "pipx", "PIPX_BIN_DIR": "bin", "PIPX_MAN_DIR": "man"}
    env = settings | {name: str(folder / place) for name, place in places.items()}
    tools = folder / "tools"
    newcomer = Newcomer(checkout, [folder / "bin", tools / "bin"], env=env)
    newcomer.run(f"python3 -m venv {tools}; {tools}/bin/pip install --quiet pipx")
    configure(newcomer, block(*INSTALL).text)
    assert shutil.which("tap-infusionsoft", path=folder / "bin")
    load_twice(newcomer)


def test_the_sandbox_installs_as_the_documents_say(checkout: Path, folder: Path) -> None:
    newcomer = Newcomer(checkout, [folder / "tools" / "bin"])
    newcomer.run(f"python3 -m venv {folder}/tools")
    install = "pip install ./sandbox"
    assert install in inline_commands()
    assert install in block(*SANDBOX).text.splitlines()
    newcomer.run(f"{install}; keap-sandbox --help")


def test_meltano_loads_what_was_chosen_into_postgresql(
    checkout: Path, box: Sandbox, folder: Path, settings: dict[str, str]
) -> None:
    """The database is in another time zone. The tap is installed from its path, then from a git URL."""
    venv = Path(os.environ["DEMO_VENV"])
    project = folder / "project"
    with Warehouse(venv, folder / "data", folder / "log", zone="America/New_York") as warehouse:
        replaced = {
            "KeapAK-…": box.api_key,
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE": f"'{warehouse.url}'",
        }
        newcomer = Newcomer(
            folder,
            [venv / "bin"],
            replaced,
            settings | {"MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false", "MELTANO_CLI_LOG_FORMAT": "uncolored"},
        )
        newcomer.run("meltano init project")
        copy_plugins(project / "meltano.yml", str(checkout))
        newcomer.folder = project
        newcomer.run(block(*MELTANO).text)
        tables = warehouse.tables()
        assert tables.keys() == {"contacts", "tags", "contact_tags"}
        changed = {row["id"]: row["update_time"] for row in box.records("contacts")}
        assert {key: row["update_time"][:19] for (key,), row in tables["contacts"].rows.items()} == {
            key: time[:19] for key, time in changed.items()
        }

        # Saved searches come if they are named and selected, as docs/account.md says.
        assert '"saved_search_*.*"' in {text for _, text in inline_code()}
        newcomer.run("""
            meltano config set tap-infusionsoft _select '["contacts.*", "saved_search_*.*"]'
            meltano config set tap-infusionsoft saved_searches '["All *", "5"]'
            meltano run tap-infusionsoft target-postgres
        """)
        newcomer.run("meltano run --refresh-catalog tap-infusionsoft target-postgres")
        newcomer.run("meltano run tap-infusionsoft target-jsonl")
        assert len((project / "output" / "contacts.jsonl").read_text().splitlines()) == 60
        found = warehouse.tables().keys() - tables.keys()
        assert found == {"saved_search_all_contacts", "saved_search_sales_by_product_month"}

        # 'meltano select' adds to the list, as it says too.
        newcomer.run("meltano select tap-infusionsoft users '*'")
        (tap,) = yaml.safe_load((project / "meltano.yml").read_text())["plugins"]["extractors"]
        assert tap["select"] == ["contacts.*", "saved_search_*.*", "users.*"]

        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "The tap"]):
            subprocess.run([*git, *words], cwd=checkout, check=True)
        copy_plugins(project / "meltano.yml", f"git+file://{checkout}")
        newcomer.run("meltano install; meltano invoke tap-infusionsoft --version")


def copy_plugins(project: Path, pip_url: str) -> None:
    """Copy the plugins into a project as docs/account.md says, with another ``pip_url`` of the tap."""
    own, copied = (yaml.safe_load(path.read_text()) for path in (project, ROOT / "meltano.yml"))
    (tap,) = copied["plugins"]["extractors"]
    tap["pip_url"] = pip_url
    project.write_text(yaml.safe_dump(own | {"plugins": copied["plugins"]}, sort_keys=False))


def test_a_clone_runs_the_demo(folder: Path) -> None:
    newcomer = Newcomer(folder, replaced={"<this repository>": str(ROOT)})
    assert block(*DEMO).text == block(*FIRST_STEPS_DEMO).text
    done = newcomer.run(block(*DEMO).text, timeout=1500)
    assert "Everything is stopped again." in done.stdout


def test_a_target_beside_the_tap_is_why_each_has_its_own_environment(checkout: Path, folder: Path) -> None:
    """Target-jsonl replaces a library of the tap, which then says so in one line."""
    newcomer = Newcomer(checkout, [folder / "both" / "bin"])
    newcomer.run(f"python3 -m venv {folder}/both; pip install --quiet . ; pip install --quiet target-jsonl")
    done = newcomer.run("tap-infusionsoft --version 2>&1 || echo exit code $?")
    line, code = done.stdout.splitlines()
    assert line.startswith(
        "A library that the tap needs is missing or too old: module 'jsonschema.validators'"
    )
    assert code == "exit code 1"
