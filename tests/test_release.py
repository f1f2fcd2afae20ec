"""What a release and the repository need: changes, the hub's listing, and forms that ask for no secret."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml
from packaging.version import Version

from tap_infusionsoft.config.schema import SETTINGS
from tools import hub
from tools.docs import ROOT

KINDS = {"array", "boolean", "integer", "object", "options", "string"}
"""Kinds of settings that the hub's schema allows, and that work in Meltano."""
KEYS = {
    *("name", "namespace", "variant", "label", "description", "executable", "pip_url", "repo", "logo_url"),
    *("capabilities", "select", "settings", "settings_group_validation", "supported_python_versions"),
    *("domain_url", "keywords", "log_parser", "maintenance_status", "quality"),
}
"""Keys that the listing may have, of those that the hub's schema allows."""
CHANGES = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
SECTION = re.compile(r"(\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}")
KINDS_OF_CHANGE = ["Breaking", "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_the_changes_of_each_version_are_dated_and_the_newest_come_first() -> None:
    assert CHANGES[0] == "Unreleased"
    found = [SECTION.fullmatch(one) for one in CHANGES[1:]]
    versions = [Version(one[1]) for one in found if one]
    assert len(versions) == len(found) > 0
    assert versions == sorted(versions, reverse=True)


def test_breaking_changes_come_first() -> None:
    for section in re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)$", section, re.MULTILINE)
        assert kinds == [one for one in KINDS_OF_CHANGE if one in kinds]


@pytest.mark.parametrize("project", [".", "sandbox"])
def test_without_a_tag_the_version_is_later_than_the_last_release(project: str) -> None:
    """Raise fallback-version in both pyproject.toml after a release."""
    config = tomllib.loads((ROOT / project / "pyproject.toml").read_text())
    (last, *_) = (one[1] for one in map(SECTION.fullmatch, CHANGES) if one)
    assert Version(config["tool"]["hatch"]["version"]["fallback-version"]) > Version(last)


def test_the_listing_for_the_hub_is_up_to_date() -> None:
    assert (ROOT / hub.FILE).read_text() == hub.text(), "Run `make docs`."


def test_the_listing_for_the_hub_has_what_the_hub_takes() -> None:
    listing = yaml.safe_load(hub.text())
    assert listing.keys() <= KEYS
    assert {"name", "namespace", "variant", "quality"} <= listing.keys()
    settings = {one["name"]: one for one in listing["settings"]}
    assert settings.keys() >= SETTINGS.keys()
    assert {"stream_maps", "flattening_enabled", "batch_config"} <= settings.keys()
    for one in settings.values():
        assert one.keys() <= {"name", "label", "description", "kind", "options", "sensitive"}
        assert one["kind"] in KINDS
    secret = {name for name, one in SETTINGS.items() if one.secret}
    assert {name for name, one in settings.items() if one.get("sensitive")} == secret
    for group in listing["settings_group_validation"]:
        assert {*group} <= settings.keys()
    assert all(re.fullmatch(r"3\.\d+", one) for one in listing["supported_python_versions"])


FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def form(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text())
    return found


@pytest.mark.skipif(not FORMS, reason="an archive without them")
def test_the_form_for_bugs_asks_for_the_summary_and_for_no_secret() -> None:
    fields = {one["id"]: one for one in form("bug")["body"] if "id" in one}
    assert fields["summary"]["validations"]["required"]
    assert fields["clean"]["attributes"]["options"][0]["required"]
    asked = " ".join(one["attributes"]["label"] for name, one in fields.items() if name != "clean").lower()
    assert not re.search(r"token|secret|api.?key|password", asked)
    assert "Never paste a key, a token" in form("bug")["body"][0]["attributes"]["value"]


def test_nothing_is_published_before_everything_is_checked() -> None:
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    jobs = release["jobs"]
    assert release[True] == {"push": {"tags": ["v[0-9]*"]}}  # the key "on" is a boolean in YAML 1.1
    assert jobs["publish"]["needs"] == "check"
    assert jobs["announce"]["needs"] == "publish"
    commands = " ".join(step.get("run", "") for step in jobs["check"]["steps"])
    assert ".ci/run" in commands
    assert "make dist VERSION=" in commands
    assert jobs["check"].get("permissions") is None, "only what publishes may ask for an identity"
    assert jobs["publish"]["permissions"]["id-token"] == "write"
