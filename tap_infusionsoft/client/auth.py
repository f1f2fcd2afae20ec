"""Credentials. All of Keap's kinds travel as ``Authorization: Bearer``.

Keap also takes its keys in ``X-Keap-API-Key``, but HTTP libraries drop only ``Authorization`` when they are
sent elsewhere, so that header is never used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.auth import AuthBase

if TYPE_CHECKING:
    import requests


class Bearer(AuthBase):
    """A personal access token, a service account key, or an OAuth access token.

    Set as the session's auth, not as a header: requests would otherwise replace it by an entry of ~/.netrc.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the credential to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
