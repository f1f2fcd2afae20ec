"""The command line: ``python -m tap_infusionsoft.dlt``."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from tap_infusionsoft.client.signals import stopping

if TYPE_CHECKING:
    import subprocess


def main(argv: list[str] | None = None) -> int:
    """Load, and return the exit code: the tap's, or 1 if the load can't go on."""
    parser = argparse.ArgumentParser(
        prog="python -m tap_infusionsoft.dlt", description="Load a Keap account."
    )
    parser.add_argument("--config", help="file with the tap's settings (default: environment variables)")
    parser.add_argument("--catalog", help="file with the tap's catalog")
    parser.add_argument("--destination", required=True, help="a destination of dlt's, such as duckdb")
    parser.add_argument("--credentials", help="of the destination; for DuckDB, the path of its file")
    parser.add_argument("--dataset", default="infusionsoft", help="schema or folder (default: infusionsoft)")
    parser.add_argument("--pipeline", default="keap", help="name of the pipeline (default: keap)")
    parser.add_argument("--pipelines-dir", help="folder for the pipeline's files (default: dlt's)")
    parser.add_argument("--table-format", choices=("delta", "iceberg"), help="for --destination filesystem")
    parser.add_argument(
        "--package-rows", type=_number, default=10_000, help="rows to load at a time (default: 10000)"
    )
    options = parser.parse_args(argv)
    logging.basicConfig(format="%(asctime)s | %(levelname)-8s | %(name)-30s | %(message)s")
    logger = logging.getLogger("tap_infusionsoft.dlt")
    logger.setLevel(logging.INFO)
    os.environ.setdefault("RUNTIME__INTERCEPT_SIGNALS", "false")  # they end the tap, and the rest is loaded
    os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")  # dlt warns of each column with a hint of ours
    try:
        import dlt  # noqa: PLC0415
        from dlt.common.exceptions import DltException  # noqa: PLC0415

        from tap_infusionsoft.dlt import BridgeError, load  # noqa: PLC0415
    except ImportError as error:
        logger.error("%s. Install the extra: pip install 'tap-infusionsoft[dlt]'", error)  # noqa: TRY400
        return 1
    try:
        pipeline = dlt.pipeline(
            options.pipeline,
            pipelines_dir=options.pipelines_dir,
            destination=dlt.destination(options.destination, credentials=options.credentials),
            dataset_name=options.dataset,
        )
        load(
            pipeline,
            options.config,
            catalog=options.catalog,
            table_format=options.table_format,
            package_rows=options.package_rows,
            on_start=_pass_signals,
        )
    except BridgeError as error:
        logger.error("%s", error)  # noqa: TRY400
        return error.exit_code
    except DltException as error:
        logger.error("The load failed; nothing is lost. %s", error)  # noqa: TRY400
        return 1
    return 0


def _number(text: str) -> int:
    """Return a number of rows.

    Raises:
        ArgumentTypeError: It is no whole number, or less than 1.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _pass_signals(tap: subprocess.Popen[bytes]) -> None:
    """Let signals end the tap, which then writes its last state."""
    for number in stopping():
        signal.signal(number, lambda number, _: tap.send_signal(number))


if __name__ == "__main__":
    sys.exit(main())
