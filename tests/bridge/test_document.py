"""The commands and the script of docs/duckdb.md do what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dlt", reason="make bridge installs dlt")

import duckdb

from keap_sandbox import Sandbox
from tests.canary import KEY
from tests.documents.blocks import block as block_of

pytestmark = [pytest.mark.nightly, pytest.mark.filterwarnings("default")]
PAGE = "docs/duckdb.md"


def test_the_command_and_the_script_load_the_account(tmp_path: Path) -> None:
    command = block_of(PAGE, "python -m tap_infusionsoft.dlt --config").text
    script = block_of(PAGE, "from tap_infusionsoft.dlt import load").text
    with Sandbox(seed=1, contacts=60, api_key=KEY, switches={"limits": "off"}) as box:
        (tmp_path / "config.json").write_text(json.dumps({"api_key": KEY, "api_url": box.url}))
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "DLT_DATA_DIR": str(tmp_path / "dlt"),  # root's is elsewhere
            "TAP_INFUSIONSOFT_API_URL": box.url,
        }
        keyed = script.replace("KeapAK-…", json.dumps(KEY)[1:-1])
        for words in (["bash", "-ec", command], [sys.executable, "-c", keyed]):
            subprocess.run(words, cwd=tmp_path, env=environment, check=True, timeout=300)
            with duckdb.connect(str(tmp_path / "keap.duckdb"), read_only=True) as db:
                found = db.execute("SELECT count(*) FROM infusionsoft.contacts").fetchone()
            assert found == (len(box.records("contacts")),)
