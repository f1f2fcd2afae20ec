"""Keap's official SDK accepts every response of the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from keap_sandbox import Sandbox

PYTHON = os.environ.get("KEAP_SDK_PYTHON")


@pytest.mark.skipif(not PYTHON, reason="set KEAP_SDK_PYTHON to a Python that has keap-core-v2-sdk")
def test_the_official_sdk_accepts_every_response() -> None:
    script = Path(__file__).with_name("keap_sdk_check.py")
    with Sandbox(contacts=400, switches={"limits": "off"}) as box:
        command = [str(PYTHON), str(script), box.url, box.api_key]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line for line in lines if not line["ok"]] == []
    assert done.returncode == 0, done.stderr
    assert len(lines) > 400
