"""The command `keap-sandbox`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from keap_sandbox.cli import main
from keap_sandbox.faults.catalog import CATALOG
from keap_sandbox.switches import Switches

COMMAND = [sys.executable, "-m", "keap_sandbox"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_address_and_a_signal_stops_it(tmp_path: Path, number: signal.Signals) -> None:
    rules = tmp_path / "faults.json"
    rules.write_text(json.dumps([{"match": {"path": "/v2/tags"}, "what": {"name": "spike_arrest"}}]))
    arguments = ["--contacts", "50", "--api-key", "k", "--faults", str(rules), "--set", "ids=integers"]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:")
        url = line.split()[-1]
        with requests.Session() as session:
            session.headers["Authorization"] = "Bearer k"
            answer = session.get(f"{url}/crm/rest/v2/contacts", timeout=10)
            assert isinstance(answer.json()["contacts"][0]["id"], int)
            assert session.get(f"{url}/crm/rest/v2/tags", timeout=10).status_code == 429
            process.send_signal(number)
            assert process.wait(5) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "192.0.2.1"], "--host"),
        (["--host", "example.com"], "--host"),
        (["--port", "x"], "--port"),
        (["--port", "70000"], "--port"),
        (["--contacts", "-1"], "--contacts"),
        (["--api-key", ""], "--api-key"),
        (["--set", "nonsense=1"], "--set"),
        (["--set", "paging=x"], "offset, keyset"),
        (["--set", "paging"], "NAME=VALUE"),
        (["--set", "latency=-1"], "switch latency: '-1' is out of range"),
        (["--faults", "/no/such/file"], "--faults"),
        (["--faults", __file__], "--faults"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_a_wrong_option_is_reported_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1


def test_help_names_every_switch_and_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    printed = capsys.readouterr().out
    for name in (*Switches().as_dict(), *CATALOG):
        assert name in printed
