"""Signals: whole lines, a state if there is one, the right exit code, and no traceback at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tests.canary import assert_clean
from tests.processes import PATIENCE
from tests.program import TAP, started, wait_for, wait_until_full
from tests.target import Target

SIGNALS = [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_leaves_whole_lines_a_state_and_its_exit_code(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any], number: signal.Signals, code: int
) -> None:
    keap.fault({"path": "/v2/contacts", "always": True, "delay": 30})
    with started(tmp_path, config, "companies: ") as process:
        process.send_signal(number)
        _, log = process.communicate(timeout=PATIENCE)
    assert_clean(log)
    assert process.returncode == code
    target = Target()
    target.take((tmp_path / "out").read_text())
    assert target.last["type"] == "STATE"
    assert "version" in target.state["bookmarks"]["companies"]
    assert "version" not in target.state["bookmarks"].get("contacts", {})


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how full a pipe is")
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_works_while_the_target_does_not_read(
    tmp_path: Path, config: dict[str, Any], number: signal.Signals, code: int
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    with subprocess.Popen(
        [TAP, "--config", "config.json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until_full(process)
        process.send_signal(number)
        out, log = process.communicate(timeout=PATIENCE)
    assert_clean(out, log)
    assert process.returncode == code
    target = Target()
    target.take(out)
    assert target.last["type"] == "STATE"
    assert target.count("ACTIVATE_VERSION") < 11


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how full a pipe is")
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_second_signal_ends_the_tap_at_once(
    tmp_path: Path, config: dict[str, Any], number: signal.Signals, code: int
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    first = signal.SIGTERM if number == signal.SIGINT else signal.SIGINT
    with subprocess.Popen(
        [TAP, "--config", "config.json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until_full(process)
        process.send_signal(first)
        wait_for(process, "Stopped by")
        process.send_signal(number)
        # Nobody has read from the pipe, so the state of the first signal is still waiting.
        assert process.wait(timeout=PATIENCE) in {-number, code}
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize(
    "module",
    [
        "requests",
        "tap_infusionsoft.tap",
        pytest.param("msgspec", marks=pytest.mark.nightly),
        pytest.param("singer_sdk.plugin_base", marks=pytest.mark.nightly),
    ],
)
def test_a_signal_during_imports_ends_the_tap_at_once(
    tmp_path: Path, config: dict[str, Any], number: signal.Signals, code: int, module: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    with subprocess.Popen(
        [TAP, "--config", "config.json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPROFILEIMPORTTIME": "1",
        },  # logs each module once it has been imported
    ) as process:
        wait_for(process, f"| {module}\n", f"  {module}\n")
        process.send_signal(number)
        out, log = process.communicate(timeout=PATIENCE)
    assert_clean(out, log)
    assert process.returncode == code
    assert "Traceback" not in log
    assert out == "" or out.endswith("\n")


@pytest.mark.parametrize(
    ("start", "number"),
    [
        pytest.param(["nohup"], signal.SIGHUP, id="nohup"),
        # As a shell script does for what it starts in the background.
        pytest.param(["sh", "-c", 'trap "" INT; exec "$@"', "sh"], signal.SIGINT, id="background"),
    ],
)
def test_a_signal_that_was_ignored_at_the_start_stays_ignored(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any], start: list[str], number: signal.Signals
) -> None:
    keap.fault({"path": "/v2/contacts", "nth": 1, "status": 503})
    (tmp_path / "config.json").write_text(json.dumps(config | {"transient_waits": [0]}))
    with (
        (tmp_path / "out").open("w") as out,
        subprocess.Popen(
            [*start, TAP, "--config", "config.json"],
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        wait_for(process, "Trying again")
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_sigterm_stops_a_tap_that_ignores_ctrl_c(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any]
) -> None:
    keap.fault({"path": "/v2/contacts", "always": True, "delay": 30})
    (tmp_path / "config.json").write_text(json.dumps(config))
    with (
        (tmp_path / "out").open("w") as out,
        subprocess.Popen(
            ["sh", "-c", 'trap "" INT; exec "$@"', "sh", TAP, "--config", "config.json"],
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        wait_for(process, "companies: ")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=PATIENCE)
    assert "Stopped by SIGTERM" in log
    assert process.returncode == 143
    target = Target()
    target.take((tmp_path / "out").read_text())
    assert "version" in target.state["bookmarks"]["companies"]
