"""Load a Keap account every hour: `python keap_flow.py` serves the schedule."""

from __future__ import annotations

import subprocess

from prefect import flow
from prefect.states import Completed, State

LOAD = "/opt/keap/bin/load.sh /var/lib/keap target-jsonl --config /var/lib/keap/target.json"
TRY_LATER = 75


@flow
def keap() -> State | None:
    """Run the tap, and stop it in an orderly way if the flow is canceled."""
    with subprocess.Popen(LOAD.split()) as process:
        try:
            code = process.wait()
        finally:
            process.terminate()
    if code == TRY_LATER:
        return Completed(name="TryAgainLater", message="Stopped for now. The run of the next hour goes on.")
    if code:
        raise RuntimeError(f"The load ended with exit code {code}; its log says why.")
    return None


if __name__ == "__main__":
    keap.serve(name="hourly", cron="17 * * * *", limit=1)
