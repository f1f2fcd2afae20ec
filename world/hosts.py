"""The hosts that `make world` tries: what starts the tap and the target, and keeps the state."""

from __future__ import annotations

import msgspec

LOAD = "/opt/keap/bin/load.sh /var/lib/keap target-jsonl --config /var/lib/keap/target.json"
"""The command of the examples, which `examples/` explains."""

PIPE = """\
set -o pipefail
cd /var/lib/keap
state=(); [ ! -s state.json ] || state=(--state state.json)
tap-infusionsoft --config config.json "${state[@]}" | target-jsonl --config target.json > new-state.json
code=$?
tail -n 1 new-state.json > last.json
[ ! -s last.json ] || mv last.json state.json
exit $code
"""

SINGER_RUNNER = """\
set -o pipefail
cd /var/lib/keap
printf '{"tap_command": "tap-infusionsoft", "tap_config_path": "config.json",
  "tap_state": {"type": "file", "options": ["state.json"]}}' > tap.json
[ -s state.json ] || printf '' > state.json
singer-runner run-tap --runner-config-path tap.json | target-jsonl --config target.json
"""
"""Its `run-target` does not write the target's output anywhere, so the target is started without it."""


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A host.

    Attributes:
        name: Its name.
        version: The version that is tried; empty for what comes with the operating system.
        requires: What is installed for it into a virtual environment.
        kind: Name of the class in `running.KINDS` that starts and stops its runs.
        command: For the kind "process", what starts a run in the foreground.
        stops: The ways in which people stop a run there.
        example: Folder or file in `examples/` that is tried; empty if there is none.
        advice: How to use it: the settings that matter.
    """

    name: str
    advice: str
    version: str = ""
    requires: tuple[str, ...] = ()
    kind: str = "process"
    command: tuple[str, ...] = ()
    stops: tuple[str, ...] = ("SIGTERM", "Ctrl-C")
    example: str = ""


def _meltano(version: str, name: str) -> Host:
    return Host(
        name=name,
        version=version,
        requires=(f"meltano=={version}",),
        kind="meltano",
        command=("meltano", "run", "--state-id-suffix={attempt}", "tap-infusionsoft", "target-jsonl"),
        example="many-accounts/README.md",
        advice=(
            "Instead of stopping a run, set `max_run_hours`: the tap then ends by itself, and its state is "
            "kept. Meltano ends with 1 for everything that is not 0; its log tells 75 from a failure. After "
            "Meltano was killed, `meltano run --force` runs at once; without, it waits for five minutes."
        ),
    )


HOSTS: tuple[Host, ...] = (
    Host(
        name="bash-pipe",
        command=("bash", "-c", PIPE),
        advice="For trying things out: nothing keeps a second run out. For scheduled runs, take load.sh.",
    ),
    Host(
        name="load.sh",
        command=("bash", "-c", f"exec {LOAD}"),
        example="README.md",
        advice="Start it from any scheduler, such as a systemd timer. After 75, run it again later.",
    ),
    Host(
        name="cron",
        kind="cron",
        stops=("kill of load.sh",),
        example="cron/README.md",
        advice="Start load.sh from the crontab, and watch its log: cron knows no exit codes.",
    ),
    _meltano("4.4.1", "meltano"),
    _meltano("3.9.1", "meltano-3"),
    Host(
        name="airflow",
        version="3.3.2",
        requires=("apache-airflow==3.3.2",),
        kind="airflow",
        stops=("marking the run as failed",),
        example="airflow/README.md",
        advice=(
            "`BashOperator` with load.sh, `skip_on_exit_code=[75]` and `max_active_runs=1`. All workers must "
            "have the same folder for the state."
        ),
    ),
    Host(
        name="dagster",
        version="1.13.28",
        requires=("dagster==1.13.28", "dagster-webserver==1.13.28"),
        kind="dagster",
        stops=("terminating the run",),
        example="dagster/README.md",
        advice="An op that starts load.sh and ends it in a `finally`, as termination is an exception there.",
    ),
    Host(
        name="prefect",
        version="3.9.1",
        requires=("prefect==3.9.1",),
        kind="prefect",
        stops=("canceling the run",),
        example="prefect/README.md",
        advice=(
            "A flow that starts load.sh, and ends it in a `finally`. What the tap says is in the log of the "
            "process that serves the flow, not in Prefect's own."
        ),
    ),
    Host(
        name="kubernetes",
        kind="kubernetes",
        stops=("stopping the pod",),
        example="kubernetes/README.md",
        advice=(
            "A CronJob with load.sh as process 1, a volume for the state, and a `podFailurePolicy` that does "
            "not try again after 2 and 75. Tried as a process with what the kubelet gives a container; no "
            "cluster is involved."
        ),
    ),
    Host(
        name="singer-runner",
        version="0.0.2",
        requires=("singer-runner==0.0.2",),
        command=("bash", "-c", SINGER_RUNNER),
        advice="It starts taps with `-c`, an option that no tap of the Singer SDK has. Take load.sh.",
    ),
)
