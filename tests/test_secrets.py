"""What no failure may leave behind: the key, a person, files. fixtures.py searches every other test, too."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from requests.utils import requote_uri

from keap_sandbox import Sandbox
from tests.canary import KEY, PERSON, SECRETS, forms, leaking_files, leaks
from tests.program import errors, tap
from tests.target import Target

LOUD = {
    "what the server repeats": {"name": "echo_credential", "always": True},
    "a redirect": {"name": "redirect_elsewhere", "always": True},
    "a refused key": {"name": "invalid_access_token", "always": True},
    "a server error": {"name": "server_error", "always": True},
    "a reset": {"name": "reset", "always": True},
    "damage": {"status": 200, "body": '{"contacts":[{"given_name":"' + PERSON, "always": True},
    "a row without an id": {"status": 200, "body": {"contacts": [{"given_name": PERSON}]}, "always": True},
    "rows that are none": {"status": 200, "body": {"contacts": [PERSON]}, "always": True},
    "an id that is none": {"status": 200, "body": {"contacts": [{"id": [PERSON]}]}, "nth": 1},
    "a value that is none": {
        "status": 200,
        "body": {"contacts": [{"id": 5, "create_time": PERSON}]},
        "nth": 1,
    },
    "a column that is none": {"status": 200, "body": {"contacts": [{"id": 5, "odd": PERSON}]}, "nth": 1},
}


@pytest.mark.parametrize("name", LOUD)
def test_no_failure_reveals_the_key_or_personal_data_at_debug_level(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any], name: str
) -> None:
    catalog = json.loads(tap(tmp_path, config, "--discover").stdout)
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] == "contacts"]
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    keap.fault({"path": "/v2/contacts", **LOUD[name]})
    quick = {"transient_waits": [0], "blank_waits": [0], "page_waits": [0], "contact_emails": [f"{PERSON}*"]}
    environment = {"TAP_INFUSIONSOFT_LOGLEVEL": "DEBUG", "LOGLEVEL": "DEBUG"}
    done = tap(tmp_path, config | quick, "--catalog", "catalog.json", env=environment)
    assert done.returncode == (
        0 if "nth" in LOUD[name] else 2 if name in ("a redirect", "a refused key") else 1
    )
    assert " DEBUG " in done.stderr
    assert PERSON not in done.stderr
    assert done.stderr.isascii()


def test_a_failing_stream_map_does_not_reveal_the_value(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any]
) -> None:
    catalog = json.loads(tap(tmp_path, config, "--discover").stdout)
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] == "contacts"]
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    keap.fault(
        {"path": "/v2/contacts", "status": 200, "body": {"contacts": [{"id": 5, "given_name": PERSON}]}}
    )
    done = tap(
        tmp_path,
        config | {"stream_maps": {"contacts": {"x": "int(given_name)"}}},
        *("--catalog", "catalog.json"),
        env={"TAP_INFUSIONSOFT_LOGLEVEL": "DEBUG"},
    )
    assert done.returncode == 2
    assert "an expression for contacts fails in record 1 with ValueError" in "\n".join(errors(done))
    assert PERSON not in done.stderr


def test_hostile_file_names_in_the_account_create_no_files(tmp_path: Path, keap: Sandbox) -> None:
    names = ["../../evil", "/evil", "a\0b", "CON", "evil\n", "..", "~/.ssh/authorized_keys", "\udcff"]
    rows = [
        {**keap.records("files")[0], "id": str(9000 + n), "file_name": name} for n, name in enumerate(names)
    ]
    keap.plant("files", upsert=rows)
    config = {
        "api_key": KEY,
        "api_url": keap.url,
        "requests_per_second": 1000,
        "requests_per_minute": 1_000_000,
        "requests_per_hour": 1_000_000,
        "saved_searches": [],
    }
    catalog = json.loads(tap(tmp_path, config, "--discover").stdout)
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] == "file_data"]
    for entry in catalog["streams"][0]["metadata"]:
        entry["metadata"]["selected"] = True
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    target = Target()
    before = {path.name for path in tmp_path.iterdir()}
    target.take(tap(tmp_path, config, "--catalog", "catalog.json").stdout)
    assert {row["file_id"] for row in target.rows("file_data")} >= {row["id"] for row in rows}
    assert {path.name for path in tmp_path.iterdir()} == before == {"catalog.json", "config.json"}
    keap.plant("files", delete=[row["id"] for row in rows])


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", forms(KEY))
def test_the_leak_search_finds_every_encoding_of_a_secret(tmp_path: Path, secret: str, form: str) -> None:
    text = f"before {forms(SECRETS[secret])[form]} after"
    assert f"{secret} ({form})" in leaks(text)
    (tmp_path / "state.json").write_text(text)
    assert leaking_files(tmp_path) == [tmp_path / "state.json"]
    (tmp_path / "state.json").unlink()
    assert leaks("before KeapAK- after") == []


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["", "a", "ab", "abc", "client-id:"])
def test_the_leak_search_knows_every_common_encoding(secret: str, around: str) -> None:
    text = f"{around}{SECRETS[secret]}{around}"
    for become in (
        *(text, text[: len(around) + 20], json.dumps(text), json.dumps(json.dumps(text)), repr(text)),
        *(quote(text), quote(text, safe=""), quote_plus(text), requote_uri(text)),
        *(base64.b64encode(text.encode()).decode(), base64.urlsafe_b64encode(text.encode()).decode()),
    ):
        assert any(leak.startswith(secret) for leak in leaks(become)), become


LEAKY = f"""
import json, logging, subprocess, sys
from pathlib import Path
import pytest
from tap_infusionsoft.errors import ConfigError
from tests.canary import KEY
from tests.target import Target

def test_nothing(tmp_path): (tmp_path / "config.json").write_text(KEY)
def test_stdout(): print(KEY)
def test_stderr(): print(KEY, file=sys.stderr)
def test_log(): logging.getLogger("any").warning("%s", KEY)
def test_person(): logging.getLogger("any").warning("{PERSON}")
def test_file(tmp_path): (tmp_path / "catalog.json").write_text(json.dumps(KEY))
def test_error():
    with pytest.raises(ConfigError): raise ConfigError(KEY)
def test_process():
    subprocess.run([sys.executable, "-c", "import sys; print(sys.argv[1])", KEY], capture_output=True)
def test_state(): Target().take(json.dumps({{"type": "STATE", "value": {{"x": KEY}}}}) + chr(10))
def test_catalog(run, monkeypatch):
    leaky = type("Tap", (), {{"catalog_dict": {{"streams": [{{"tap_stream_id": KEY, "metadata": []}}]}}}})
    monkeypatch.setattr(type(run), "tap", lambda *a, **k: leaky)
    run.catalog()
"""


def test_a_test_that_leaks_a_secret_anywhere_fails(tmp_path: Path) -> None:
    """Of these tests, all that leave the key or a person somewhere must fail, and the other one must pass."""
    file = tmp_path / "test_leaky.py"
    file.write_text(LEAKY)
    options = [
        "-p",
        "tests.fixtures",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-q",
        "-n0",
        "-rfE",
        "--tb=no",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", tmp_path, "-c", "/dev/null", file],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("9 failed, 1 passed"), done.stdout + done.stderr
    assert "test_nothing" not in done.stdout
