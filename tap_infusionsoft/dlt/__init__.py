"""Loads a Keap account through dlt: into DuckDB, Parquet, Delta, Iceberg, PostgreSQL. See docs/duckdb.md."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.dlt.problems import BridgeError

if TYPE_CHECKING:
    from tap_infusionsoft.dlt.loading import load

__all__ = ["BridgeError", "load"]

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")  # before dlt reads it


def __getattr__(name: str) -> Any:
    """Import `load` when it is asked for, so that the command can say what is missing without dlt.

    Raises:
        ModuleNotFoundError: dlt is not installed; the message says how to install it.
    """
    if name != "load":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from tap_infusionsoft.dlt.loading import load  # noqa: PLC0415
    except ModuleNotFoundError as error:
        error.msg = f"{error}. Install the extra: pip install 'tap-infusionsoft[dlt]'"
        raise
    return load
