"""Loads a Keap account through dlt: into DuckDB, Parquet, Delta, Iceberg, PostgreSQL. See docs/duckdb.md."""

from __future__ import annotations

import os

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")  # before dlt reads it

try:
    from tap_infusionsoft.dlt.loading import load
except ModuleNotFoundError as error:
    error.msg = f"{error}. Install the extra: pip install 'tap-infusionsoft[dlt]'"
    raise
from tap_infusionsoft.dlt.problems import BridgeError

__all__ = ["BridgeError", "load"]
