"""Load a Keap account every hour."""

import subprocess

import dagster as dg

LOAD = "/opt/keap/bin/load.sh /var/lib/keap target-jsonl --config /var/lib/keap/target.json"
TRY_LATER = 75


@dg.op
def load(context: dg.OpExecutionContext) -> None:
    """Run the tap, and stop it in an orderly way if the run is terminated."""
    with subprocess.Popen(LOAD.split()) as process:
        try:
            code = process.wait()
        finally:
            process.terminate()
    if code == TRY_LATER:
        context.log.warning("Stopped for now. The run of the next hour goes on.")
    elif code:
        raise dg.Failure(f"The load ended with exit code {code}; its log says why.")


@dg.job
def keap() -> None:
    """Load a Keap account."""
    load()


defs = dg.Definitions(
    schedules=[
        dg.ScheduleDefinition(
            job=keap, cron_schedule="17 * * * *", default_status=dg.DefaultScheduleStatus.RUNNING
        )
    ]
)
