"""Load a Keap account every hour."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

LOAD = "/opt/keap/bin/load.sh /var/lib/keap target-jsonl --config /var/lib/keap/target.json"

with DAG("keap", schedule="17 * * * *", catchup=False, max_active_runs=1):
    BashOperator(
        task_id="load",
        bash_command=f"exec {LOAD}",
        skip_on_exit_code=[75],  # stopped for now: the run of the next hour goes on
        retries=2,
        retry_delay=timedelta(minutes=5),
    )
