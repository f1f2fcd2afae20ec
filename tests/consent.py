"""What the owner of an account does in a browser: open the address of a login and allow access."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import requests

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth.refreshing import Grant
from tap_infusionsoft.login import authorize_url

REDIRECT = "https://example.com/keap"


def allow(address: str) -> str:
    """Open the address of a login, and return the one that the browser is sent to."""
    with requests.get(address, allow_redirects=False, timeout=10) as reply:
        assert reply.status_code == 302, reply.text
        return str(reply.headers["Location"])


def code_for(address: str) -> str:
    """Open the address of a login, and return the code that the browser gets."""
    (found,) = parse_qs(urlsplit(allow(address)).query)["code"]
    return found


def code(box: Sandbox, grant: Grant) -> str:
    """Return a fresh code for an application."""
    return code_for(authorize_url(grant, box.url, "any"))
