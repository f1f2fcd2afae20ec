"""The sandbox's README: its examples run as they are written, and it leaves nothing out."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from keap_sandbox import Sandbox
from keap_sandbox.cli import main
from keap_sandbox.control import PATHS
from keap_sandbox.faults import rules

README = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text()
ADDRESS = "http://127.0.0.1:8080"


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def curl_commands() -> list[list[str]]:
    lines = "".join(examples("sh")).replace("\\\n", "").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("curl ")]


def prepared(arguments: list[str]) -> requests.Request:
    """Translate the arguments of curl; an option that isn't known here raises an error."""
    request = requests.Request(method="")
    waiting = iter(arguments)
    for argument in waiting:
        match argument:
            case "-X":
                request.method = next(waiting)
            case "-d":
                request.data = next(waiting)
                request.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            case "-H":
                name, _, value = next(waiting).partition(": ")
                request.headers[name] = value
            case "-u":
                name, _, secret = next(waiting).partition(":")
                request.auth = (name, secret)
            case _:
                assert argument.startswith(ADDRESS), argument
                request.url = argument
    request.method = request.method or ("POST" if request.data else "GET")
    return request


@pytest.mark.parametrize("arguments", curl_commands(), ids=" ".join)
def test_every_curl_example_succeeds(arguments: list[str], box: Sandbox) -> None:
    request = prepared(arguments)
    request.url = request.url.replace(ADDRESS, box.url)
    with requests.Session() as session:
        response = session.send(request.prepare(), timeout=10)
    assert response.status_code == 200, response.text
    assert response.json()


def test_every_control_path_and_method_has_an_example() -> None:
    shown = set()
    for arguments in curl_commands():
        request = prepared(arguments)
        steps = urlsplit(request.url).path.split("/")
        if steps[1] == "sandbox":
            shown.add((steps[2], request.method))
    assert shown == {(path, method) for path, methods in PATHS.items() for method in methods}


def test_every_option_and_its_default_is_in_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["--help"])
    options = re.findall(
        r"^  (--[\w-]+) \S+ +.*?(?:\(default: (\S+)\))?$", capsys.readouterr().out, re.MULTILINE
    )
    table = re.findall(r"^\| `(--[\w-]+)` \| (?:`([^`]*)` )?\|", README, re.MULTILINE)
    assert len(options) == 8
    assert table == options


def test_every_setting_of_a_fault_rule_is_in_the_tables() -> None:
    section = README.partition("## Faults")[2].partition("<!-- BEGIN")[0]
    cells = re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE)
    documented = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    # `always` is what a rule without `when` does, and `gzip_bomb` is a fault with a name
    assert documented == {*rules.MATCH, *rules.WHEN, *rules.WHAT} - {"always", "gzip_bomb"}


@pytest.mark.parametrize("code", examples("python"), ids=["XML-RPC", "with a server", "a pytest fixture"])
def test_every_python_example_runs(code: str, tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(code)
    runpy.run_path(str(path))


def test_the_example_of_a_fault_rule_is_accepted(box: Sandbox) -> None:
    (rule,) = examples("json")
    assert box.engine.faults.add(json.loads(rule)) == 1
