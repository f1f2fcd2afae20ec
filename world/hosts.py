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

MELTANO = """\
version: 1
send_anonymous_usage_stats: false
project_id: world
default_environment: dev
environments:
- name: dev
plugins:
  extractors:
  - name: tap-infusionsoft
    namespace: tap_infusionsoft
    executable: /opt/keap/bin/tap-infusionsoft
    capabilities: [catalog, discover, state]
    settings:
    - name: api_key
    - name: api_url
    - name: requests_per_second
    - name: requests_per_minute
      kind: integer
    - name: requests_per_hour
      kind: integer
    - name: requests_per_day
      kind: integer
  loaders:
  - name: target-jsonl
    namespace: target_jsonl
    executable: /opt/keap/bin/target-jsonl
    settings:
    - name: destination_path
      value: /var/lib/keap/rows
"""

PREFECT = "import keap_flow; keap_flow.keap()"


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A host.

    Attributes:
        name: What it is called.
        version: The version that is tried; empty for a shell.
        requires: What is installed for it into a virtual environment.
        command: What starts a run in the foreground. ``{bin}`` is the folder of the host's programs.
        before: What has to be run once before.
        files: Files of its project: name -> text, or the path of an example.
        environment: Environment variables, beside those that every run gets.
        settings_by: How the tap gets its settings: ``file`` or ``environment``.
        note: What a user should know besides the results.
    """

    name: str
    command: tuple[str, ...]
    version: str = ""
    requires: tuple[str, ...] = ()
    before: tuple[tuple[str, ...], ...] = ()
    files: dict[str, str] = {}
    environment: dict[str, str] = {}
    settings_by: str = "file"
    note: str = ""


def _meltano(version: str, name: str, note: str = "") -> Host:
    return Host(
        name=name,
        version=version,
        requires=(f"meltano=={version}",),
        command=("{bin}/meltano", "run", "tap-infusionsoft", "target-jsonl"),
        files={"meltano.yml": MELTANO},
        environment={"NO_COLOR": "1", "MELTANO_CLI_LOG_FORMAT": "uncolored"},
        settings_by="environment",
        note=note,
    )


HOSTS: tuple[Host, ...] = (
    Host(
        name="bash-pipe", command=("bash", "-c", PIPE), note="The pipeline of the first steps, in a script."
    ),
    Host(
        name="load.sh",
        command=("bash", "-c", f"exec {LOAD}"),
        note="The script in `examples/`, which cron and the schedulers below start.",
    ),
    _meltano("4.4.1", "meltano"),
    _meltano("3.9.1", "meltano-3", "An older Meltano, for those who have not moved."),
    Host(
        name="airflow",
        version="3.3.2",
        requires=("apache-airflow==3.3.2",),
        command=("{bin}/airflow", "dags", "test", "keap"),
        before=(("{bin}/airflow", "db", "migrate"),),
        files={"dags/keap_dag.py": "airflow/keap_dag.py"},
        environment={"AIRFLOW_HOME": "{folder}", "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
    ),
    Host(
        name="dagster",
        version="1.13.28",
        requires=("dagster==1.13.28", "dagster-webserver==1.13.28"),
        command=("{bin}/dagster", "job", "execute", "-f", "keap_definitions.py", "-j", "keap"),
        files={"keap_definitions.py": "dagster/keap_definitions.py"},
        environment={"DAGSTER_HOME": "{folder}", "DAGSTER_DISABLE_TELEMETRY": "1"},
    ),
    Host(
        name="prefect",
        version="3.9.1",
        requires=("prefect==3.9.1",),
        command=("{bin}/python", "-c", PREFECT),
        files={"keap_flow.py": "prefect/keap_flow.py"},
        environment={
            "PREFECT_HOME": "{folder}",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        },
    ),
)
