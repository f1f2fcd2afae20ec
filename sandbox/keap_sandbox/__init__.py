"""A Keap account on localhost, for testing anything that calls Keap's REST API.

    with Sandbox(seed=1, contacts=200) as box:
        ...  # box.url, box.api_key, box.requests(), box.fault("spike_arrest", times=1)

The package depends on no Keap client, and no client needs to depend on it: the command `keap-sandbox`
runs the same account as a server.
"""

from __future__ import annotations

from keap_sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
