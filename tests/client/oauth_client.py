"""A client with an OAuth credential, as a run of the tap creates it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth.refreshing import Grant, OAuthCredential
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor
from tap_infusionsoft.client.retry import Waits
from tests.canary import CLIENT_SECRET, SEED
from tests.virtual import VirtualClock

ID = "canary-client-id"
WHO = Call("/v2/oauth/connect/userinfo")


class Tap:
    """A client with an OAuth credential, as a run of the tap creates it."""

    def __init__(self, box: Sandbox, clock: VirtualClock, folder: Path, url: str = "", **grant: str) -> None:
        given = {"client_id": ID, "client_secret": CLIENT_SECRET, "refresh_token": SEED} | grant
        self.path = folder / "keap.token.json"
        self.redactor = Redactor()
        url = url or box.url
        self.credential = OAuthCredential(
            Grant(**given, token_file=self.path), url, clock, "test", self.redactor
        )
        session = HttpTransport(url, self.credential, clock, "test")
        self.client = KeapClient(
            session,
            self.credential,
            Pacer(1000, clock),
            Budget(Share(1, 1_000_000), clock),
            Waits(),
            clock,
            self.redactor,
        )

    def call(self) -> dict[str, Any]:
        return self.client.fetch(WHO).document

    def fails(self) -> KeapError:
        with pytest.raises(KeapError) as caught:
            self.call()
        return caught.value


def refreshes(box: Sandbox) -> tuple[int, int]:
    status = box.oauth()
    return status["refreshes"], status["replays"]
