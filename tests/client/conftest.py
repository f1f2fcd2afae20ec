"""A sandbox that knows one OAuth application, and a client with its credential."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keap_sandbox import Sandbox
from tests.canary import CLIENT_SECRET, SEED
from tests.client.oauth_client import ID, Tap
from tests.virtual import VirtualClock


@pytest.fixture
def keap(clock: VirtualClock) -> Iterator[Sandbox]:
    switches = {
        "limits": "off",
        "quota_headers": "blank",
        "oauth_client_id": ID,
        "oauth_client_secret": CLIENT_SECRET,
        "oauth_refresh_token": SEED,
        "oauth_credentials": "basic",
        "oauth_reuse": "revokes",
    }
    with Sandbox(contacts=0, clock=clock.epoch, switches=switches) as box:
        yield box


@pytest.fixture
def tap(keap: Sandbox, clock: VirtualClock, tmp_path: Path) -> Tap:
    return Tap(keap, clock, tmp_path)
