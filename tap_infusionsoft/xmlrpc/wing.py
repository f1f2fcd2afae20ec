"""The wing as `wings` takes it: settings, streams and commands of the XML-RPC API.

Everything else is imported only if a setting or the catalog names one of its streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.wings import WingStreams
from tap_infusionsoft.xmlrpc.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["COMMANDS", "SETTINGS", "streams"]

PREFIX = "legacy_"
"""How the names of settings and streams begin."""
COMMANDS: Mapping[str, str] = {
    "legacy-archive": "tap_infusionsoft.xmlrpc.archive:main",
    "legacy-compare": "tap_infusionsoft.xmlrpc.compare.command:main",
}
"""Word on the command line -> what it runs."""


def streams(config: Mapping[str, Any], catalog: Mapping[str, bool] | None, started: datetime) -> WingStreams:
    """The streams that settings name, or that the catalog has.

    Args:
        config: The configuration.
        catalog: Streams of the given catalog -> whether they are selected; without one, those that
            the setting streams names; None without either.
        started: When the run started.

    Raises:
        ConfigError: A setting is wrong.
    """
    named = any(config.get(setting.name) for setting in SETTINGS)
    if not named and not any(name.startswith(PREFIX) for name in catalog or ()):
        return WingStreams()
    from tap_infusionsoft.xmlrpc.legacy_streams import legacy_streams  # noqa: PLC0415  # rarely needed

    return legacy_streams(config, catalog or {}, started)
