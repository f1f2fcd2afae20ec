"""The targets that `make world` tries. A new one is declared here, and then run: `make world WORLD=NAME`."""

from __future__ import annotations

from world.bridges import BRIDGES
from world.compare import Shape
from world.declared import Target, Variant

SOFT = Shape(deleted="_sdc_deleted_at")
LOG = Shape(is_log=True)
CSV = Shape(is_log=True, has_null=False)

_POSTGRES = {"sqlalchemy_url": "{psycopg_url}", "default_target_schema": "infusionsoft"}
_PIPELINEWISE = {
    "host": "{host}",
    "port": 5432,
    "user": "{user}",
    "password": "none",
    "dbname": "{database}",
    "default_target_schema": "infusionsoft",
    "add_metadata_columns": True,
}
_UTC = {"PGTZ": "UTC"}

TARGETS: tuple[Target, ...] = (
    Target(
        name="meltanolabs-target-postgres",
        version="0.8.1",
        program="target-postgres",
        into="postgres",
        variants=(
            Variant(
                name="hard delete",
                settings={**_POSTGRES, "use_copy": True, "hard_delete": True},
                environment=_UTC,
            ),
            Variant(
                name="soft delete",
                settings={**_POSTGRES, "use_copy": True, "hard_delete": False},
                environment=_UTC,
                shape=SOFT,
            ),
            Variant(name="without a UTC session", settings={**_POSTGRES, "hard_delete": True}),
        ),
        note=(
            "Its columns for times have no zone, so the session must be in UTC: `PGTZ` does that. "
            "`use_copy` is faster than INSERT, and right as well."
        ),
        is_in_upstream=True,
    ),
    Target(
        name="pipelinewise-target-postgres",
        version="2.1.2",
        program="target-postgres",
        into="postgres",
        variants=(
            Variant(name="hard delete", settings={**_PIPELINEWISE, "hard_delete": True}, environment=_UTC),
            Variant(name="soft delete", settings=_PIPELINEWISE, environment=_UTC, shape=SOFT),
        ),
        is_in_upstream=True,
    ),
    Target(
        name="splitgraph-pipelinewise-target-postgres",
        version="2.1.0",
        program="target-postgres",
        requires=("jsonschema<4",),
        into="postgres",
        variants=(Variant(settings={**_PIPELINEWISE, "hard_delete": True}, environment=_UTC),),
    ),
    Target(
        name="singer-target-postgres",
        version="0.2.4",
        program="target-postgres",
        into="postgres",
        variants=(
            Variant(
                settings={
                    "postgres_host": "{host}",
                    "postgres_username": "{user}",
                    "postgres_database": "{database}",
                },
            ),
        ),
    ),
    Target(
        name="target-postgres",
        version="1.1.3",
        program="target-postgres",
        into="postgres",
        variants=(Variant(settings={"host": "{host}", "user": "{user}", "dbname": "{database}"}),),
    ),
    Target(
        name="singer-target-mysql",
        version="0.0.2",
        program="target-mysql",
        into="mysql",
        variants=(Variant(settings={"host": "{host}", "port": "{port}", "user": "{user}"}),),
    ),
    Target(
        name="target-mysql",
        version="0.8.0",
        program="target-mysql",
        into="mysql",
        variants=(Variant(settings={"host": "{host}", "port": "{port}", "user": "{user}"}),),
        is_in_upstream=True,
    ),
    Target(
        name="thk-target-mysql",
        version="0.1.3",
        program="target-mysql",
        into="mysql",
        variants=(Variant(settings={"sqlalchemy_url": "{mysql_url}"}),),
    ),
    Target(
        name="target-sqlite",
        version="0.2.0",
        program="target-sqlite",
        into="sqlite",
        variants=(Variant(settings={"database": "{stem}"}),),
        is_in_upstream=True,
    ),
    Target(
        name="target-duckdb",
        version="0.8.0",
        program="target-duckdb",
        into="duckdb",
        variants=(
            Variant(
                settings={"path": "{file}", "default_target_schema": "infusionsoft", "hard_delete": True},
            ),
        ),
        is_in_upstream=True,
    ),
    Target(
        name="target-jsonl",
        version="0.1.4",
        program="target-jsonl",
        into="jsonl",
        variants=(Variant(settings={"destination_path": "{folder}"}, shape=LOG),),
    ),
    Target(
        name="target-singer-jsonl",
        version="0.1.0",
        program="target-singer-jsonl",
        into="singer",
        variants=(
            Variant(
                settings={"destination": "local", "local": {"folder": "{folder}"}},
                shape=LOG,
                has_versions=False,
            ),
        ),
        note="It keeps the messages as they are, to be loaded by another target later.",
    ),
    Target(
        name="target-localjson",
        version="0.1.1",
        program="target-localjson",
        into="json-files",
        variants=(Variant(settings={"dest_dir": "{folder}"}, shape=LOG, has_versions=False),),
    ),
    Target(
        name="target-json",
        version="0.0.11",
        program="target-json",
        requires=("pytz",),
        into="jsonl-in-json",
        variants=(Variant(settings={"delimiter": "\n"}, shape=LOG, has_versions=False),),
        note="It writes into the folder that it is started in.",
    ),
    Target(
        name="meltanolabs-target-csv",
        version="0.5.0",
        program="target-csv",
        into="csv",
        variants=(
            Variant(
                name="a file for each run",
                settings={
                    "output_path": "{folder}",
                    "file_naming_scheme": "{stream_name}-{timestamp}.csv",
                    "timestamp_format": "%Y%m%dT%H%M%S",
                },
                shape=CSV,
            ),
            Variant(name="one file", settings={"output_path": "{folder}"}, shape=CSV),
        ),
        is_in_upstream=True,
    ),
    Target(
        name="target-csv",
        version="0.3.0",
        program="target-csv",
        into="csv",
        variants=(
            Variant(
                settings={"destination_path": "{folder}", "disable_collection": True},
                shape=Shape(is_log=True, has_null=False, separator="__"),
            ),
        ),
        is_in_upstream=True,
    ),
    Target(
        name="target-universal-file",
        version="0.0.1",
        program="target-universal-file",
        into="jsonl",
        variants=(
            Variant(
                settings={"protocol": "local", "file_type": "jsonl", "path": "{folder}"},
                shape=LOG,
            ),
        ),
    ),
    Target(
        name="target-parquet",
        version="0.0.1",
        program="target-parquet",
        into="parquet",
        variants=(Variant(settings={"destination_path": "{folder}"}, shape=LOG),),
        is_in_upstream=True,
    ),
    Target(
        name="target-avro",
        version="0.2.0",
        program="target-avro",
        into="avro",
        variants=(
            Variant(
                settings={"prefix": "{folder}/keap", "disable_collection": True},
                shape=LOG,
                has_versions=False,
            ),
        ),
    ),
    *BRIDGES,
)
