"""The example for cron."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.examples.cron import Cron
from tests.examples.hosts import walk
from tests.examples.installed import Installed

pytestmark = [
    pytest.mark.skipif(shutil.which("cron", path="/usr/sbin") is None, reason="cron is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="starting cron takes root"),
]


def test_cron(keap: Installed, tmp_path: Path) -> None:
    walk(Cron(keap, tmp_path / "cron"), keap)
