"""The documents match the code: generated tables, examples, links and names."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from keap_sandbox import Sandbox
from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.config.schema import CONFIG_SCHEMA
from tap_infusionsoft.errors import ADVICE
from tap_infusionsoft.login import ADVICE as LOGIN_ADVICE
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY
from tests.documents.blocks import documents, text_of
from tools import dbt, docs, example_run, messages, nights, pictures
from tools.sources import shipped

ROOT = Path(__file__).parents[1]
DOCUMENTS = [path.relative_to(ROOT).as_posix() for path in documents()]


@pytest.mark.parametrize("name", docs.PARTS)
def test_generated_parts_are_up_to_date(name: str) -> None:
    if (ROOT / name).read_text() != docs.rendered(name):
        pytest.fail(f"{name} does not say what the code says. Run `make docs`.")


def test_the_generated_models_of_the_dbt_package_are_up_to_date() -> None:
    wanted = dbt.files()
    stale = [path for path, content in wanted.items() if not _is(ROOT / path, content)]
    stale += dbt.present(ROOT) - wanted.keys()
    assert not stale, f"{stale[:3]} do not say what the declarations say. Run `make docs`."


def test_pictures_are_drawn_from_the_data_of_runs() -> None:
    stale = [path for path, content in pictures.files().items() if not _is(ROOT / path, content)]
    assert not stale, f"{stale} do not show the data. Run `make docs`."


@pytest.mark.nightly
def test_the_data_of_the_pictures_is_that_of_runs() -> None:
    assert nights.DATA.read_text() == nights.data(), "run python -m tools.nights, then make docs"


@pytest.mark.nightly
def test_the_example_is_that_of_a_run() -> None:
    stale = [name for name, text in example_run.files().items() if not _is(example_run.FOLDER / name, text)]
    assert not stale, f"{stale} of docs/example are stale: run python -m tools.example_run, then make docs"


def _is(path: Path, content: str) -> bool:
    return path.is_file() and path.read_text() == content


def test_meltano_yml_lists_every_setting_and_marks_secrets() -> None:
    project = yaml.safe_load(text_of(ROOT / "meltano.yml"))
    (tap,) = project["plugins"]["extractors"]
    settings = {one["name"]: one for one in tap["settings"]}
    builtin = ("stream_map", "flatten", "faker", "batch_config", "emit_activate_version")
    ours = {name for name in CONFIG_SCHEMA["properties"] if not name.startswith(builtin)}
    assert settings.keys() == ours, (
        f"meltano.yml lacks {sorted(ours - settings.keys())} and has {sorted(settings.keys() - ours)}, which "
        "config/schema.py does not declare. Run `make docs`."
    )
    secret = {name for name, one in CONFIG_SCHEMA["properties"].items() if one.get("secret")}
    assert (
        {name for name, one in settings.items() if one.get("sensitive")}
        == secret
        == {"api_key", "access_token", "refresh_token", "client_secret"}
    )


def test_meltano_yml_selects_what_the_tap_selects() -> None:
    """As Meltano reads it: a pattern with ``!`` goes before all others."""
    with Sandbox(contacts=1, api_key=KEY, switches={"limits": "off"}) as box:
        query = {"name": "my_tags", "stream": "tags"}
        found = TapInfusionsoft(config={"api_key": KEY, "api_url": box.url, "queries": [query]}).catalog_dict
    (tap,) = yaml.safe_load(text_of(ROOT / "meltano.yml"))["plugins"]["extractors"]
    patterns = [one.removesuffix(".*") for one in tap["select"]]
    taken, left_out = (
        [one for one in patterns if one[0] != "!"],
        [one[1:] for one in patterns if one[0] == "!"],
    )
    by_tap = {entry["tap_stream_id"]: entry["metadata"] for entry in found["streams"]}
    by_meltano = {
        name
        for name in by_tap
        if any(fnmatch(name, one) for one in taken) and not any(fnmatch(name, one) for one in left_out)
    }
    assert any(name.startswith("saved_search_") for name in by_tap)
    assert by_meltano == {
        name
        for name, metadata in by_tap.items()
        if next(one["metadata"] for one in metadata if not one["breadcrumb"])["selected"]
    }
    assert {"contacts", "my_tags"} <= by_meltano


def test_a_message_that_asks_for_discovery_says_how_in_meltano() -> None:
    """Meltano keeps the catalog between runs, and makes a new one only if it is told to."""
    for path in shipped(ROOT / "tap_infusionsoft"):
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.search(r"discover(y)? again", text):
                assert "discovery again (in Meltano: --refresh-catalog)" in text, path


def test_every_message_that_ends_a_run_is_in_the_documents() -> None:
    """fixtures.py and program.py also look up every message that the other tests see."""
    table = (ROOT / "docs/troubleshooting.md").read_text()
    assert all(f"| {kind.value} | {ADVICE[kind]} |" in table for kind in Kind)
    assert all(f"| {one.advice} |" in table for one in messages.messages())
    assert all(f"| {kind.value} | {advice} |" in table for kind, advice in LOGIN_ADVICE.items())
    assert not messages.is_listed("The code contains no such message.")
    for line in (
        "tag_ids: 'vip' is not an id. Keap's ids are whole numbers, such as 91.",
        "2 of 5 streams failed: a, b. The reasons are above; the others are complete.",
        "--config x.json is not JSON (line 1, column 2: x). Correct the file.",
    ):
        assert messages.is_listed(line)


def test_the_warnings_of_the_page_are_those_of_the_code() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text()
    rows = page.partition("\n## Warnings\n")[2].partition("\n## The command line\n")[0]
    listed = re.findall(r"^\| `(.*?)` \|", rows, re.MULTILINE)
    assert len(listed) > 5
    code = "\n".join(path.read_text() for path in shipped(ROOT / "tap_infusionsoft"))
    code += (ROOT / "examples/load.sh").read_text()
    unknown = [one for one in listed if not all(part.strip(" .") in code for part in one.split("…"))]
    assert not unknown, "the code says nothing like these"


@pytest.mark.parametrize("error", ["TapError", "ConfigError", "Failure", "RunFailedError"])
def test_a_message_without_advice_fails_the_generator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    (tmp_path / "new.py").write_text(
        f"def new(name):\n    raise {error}(f'a new way to end with {{name}}')\n"
    )
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    monkeypatch.setattr(messages, "ADVICE", {})
    with pytest.raises(SystemExit, match="a new way to end with …"):
        messages.messages.__wrapped__()


def test_every_error_raised_is_one_that_the_table_looks_for() -> None:
    """Every exception of the package is in the table, or is turned into one that is."""
    inner = {
        "AttributeError",
        "DecodeError",
        "ExchangeError",
        "BadRuleError",
        "NotXmlRpcError",
        "UnicodeError",
        "KeyError",
        "OSError",
        "ValueError",
        "MissingKeyError",
        "BadStateError",
        "OutputLostError",
        "HourSpentError",
    }
    inner |= {
        "RecordTooLargeError",
        "TimeoutError",
        "RefreshError",
        "TokenFileError",
        "InexactError",
        "OutOfOrderError",
        "NotByTimeError",
        "BadMarkError",
        "DeclarationError",
        "WalkError",
        "SameNameError",
        "BadIdsError",
        "BridgeError",  # in docs/duckdb.md
    }
    for path in shipped(ROOT / "tap_infusionsoft"):
        for name in re.findall(r"raise ([A-Z]\w+)\(", path.read_text()):
            assert name in inner | messages.ENDINGS, f"{path.name} raises {name}"


def test_targets_and_streams_named_in_the_documents_exist() -> None:
    text = "\n".join(text_of(ROOT / name) for name in DOCUMENTS if name.startswith(("README", "docs/")))
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text()
    for stream in ("contacts", "affiliate_clawbacks"):
        assert stream in COLLECTIONS
        assert f"`{stream}`" in text


def test_the_documents_are_found() -> None:
    pages = {"docs/queries.md", "docs/streams/index.md", "sandbox/README.md"}
    assert {"README.md", "SECURITY.md", "CONTRIBUTING.md", *pages} <= {*DOCUMENTS}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_or_heading_that_exists(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", text_of(ROOT / name))
    for link in links:
        path, _, heading = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def test_every_section_that_a_text_names_exists() -> None:
    """Messages and tables refer to sections by their titles, in sentences that no link checker sees."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in shipped(ROOT / "tap_infusionsoft"))
    named = re.findall(r"\bsee ([A-Z]\w*) in (docs/\w+\.md)", sources, re.IGNORECASE)
    assert named
    for title, page in named:
        assert title.lower() in headings(ROOT / page), (title, page)
    for page in re.findall(r"\bdocs/\w+\.md", sources):
        assert (ROOT / page).exists(), page


def headings(document: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    prose = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_the_example_of_a_new_stream_is_real_code_and_short() -> None:
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
    # The example is complete: the only other place in the sandbox that names the collection is the function
    # that makes up its rows.
    shown = set(re.findall(r"^\+\+\+ b/(.*)$", diff[1], re.MULTILINE))
    package = ROOT / "tap_infusionsoft"
    naming = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sandbox" / "keap_sandbox").rglob("*.py")
        if re.search("note_?templates", path.read_text(), re.IGNORECASE)
    }
    assert naming - shown == {"sandbox/keap_sandbox/sample_data/activity.py"}
    declared = re.search(
        r"^NOTE_TEMPLATES = Collection\(\n.*?^\)\n",
        (package / "streams/activity.py").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert declared is not None
    assert declared[0].splitlines() == added[: declared[0].count("\n")]
