"""What README.md and meltano.yml say follows from the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tap_infusionsoft.settings import CONFIG_SCHEMA
from tap_infusionsoft.streams.catalogue import COLLECTIONS
from tools import docs

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", docs.PARTS)
def test_generated_parts_are_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text() == docs.rendered(name), "run `make docs`"


def test_meltano_knows_every_setting_and_keeps_secrets() -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (tap,) = project["plugins"]["extractors"]
    settings = {one["name"]: one for one in tap["settings"]}
    builtin = ("stream_map", "flatten", "faker", "batch_config", "emit_activate_version")
    ours = {name for name in CONFIG_SCHEMA["properties"] if not name.startswith(builtin)}
    assert settings.keys() == ours
    secret = {name for name, one in CONFIG_SCHEMA["properties"].items() if one.get("secret")}
    assert (
        {name for name, one in settings.items() if one.get("sensitive")}
        == secret
        == {"api_key", "access_token", "refresh_token", "client_secret"}
    )


def test_the_sample_config_has_real_settings() -> None:
    sample = json.loads((ROOT / "sample_config.json").read_text())
    assert sample.keys() <= CONFIG_SCHEMA["properties"].keys()


def test_what_the_readme_names_exists() -> None:
    text = (ROOT / "README.md").read_text()
    for target in re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text()
    for path in re.findall(r"\]\((?!http|#)([^)#]+)\)", text + (ROOT / "SECURITY.md").read_text()):
        assert (ROOT / path).exists(), path
    for stream in ("contacts", "affiliate_clawbacks"):
        assert stream in COLLECTIONS
        assert f"`{stream}`" in text


def test_the_example_of_a_new_stream_is_real_and_short() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    diff = re.search(r"```diff\n(.*?)```", text, re.DOTALL)
    assert diff is not None
    lines = diff[1].splitlines()
    assert len(lines) < 30
    source, added = "", []
    for line in lines:
        if line.startswith("+++ b/"):
            source = (ROOT / line.removeprefix("+++ b/")).read_text()
        elif line.startswith("+"):
            assert f"{line[1:]}\n" in source, line
            added.append(line[1:])
    # It is the whole of it: but for the function that makes its rows up, the sandbox names it nowhere else.
    shown = set(re.findall(r"^\+\+\+ b/(.*)$", diff[1], re.MULTILINE))
    package = ROOT / "tap_infusionsoft"
    naming = {
        path.relative_to(ROOT).as_posix()
        for path in (package / "sandbox").rglob("*.py")
        if re.search("note_?templates", path.read_text(), re.IGNORECASE)
    }
    assert naming - shown == {"tap_infusionsoft/sandbox/made/activity.py"}
    declared = re.search(
        r"^NOTE_TEMPLATES = Collection\(\n.*?^\)\n",
        (package / "streams/activity.py").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert declared is not None
    assert declared[0].splitlines() == added[: declared[0].count("\n")]
