"""The targets that `make world` tries. To add one, add it here and run `make world WORLD=its-name`."""

from __future__ import annotations

from world.compare import Shape
from world.declared import Target, Variant

SOFT = Shape(deleted="_sdc_deleted_at")
LOG = Shape(is_log=True)
CSV = Shape(is_log=True, has_null=False)

TARGETS: tuple[Target, ...] = (
    Target(
        name="meltanolabs-target-postgres",
        version="0.8.1",
        program="target-postgres",
        into="postgres",
        variants=(
            Variant(
                name="hard delete",
                settings={
                    "sqlalchemy_url": "{psycopg_url}",
                    "default_target_schema": "infusionsoft",
                    "use_copy": True,
                    "hard_delete": True,
                },
                environment={"PGTZ": "UTC"},
            ),
            Variant(
                name="soft delete",
                settings={
                    "sqlalchemy_url": "{psycopg_url}",
                    "default_target_schema": "infusionsoft",
                    "use_copy": True,
                    "hard_delete": False,
                },
                environment={"PGTZ": "UTC"},
                shape=SOFT,
            ),
            Variant(
                name="without a UTC session",
                settings={
                    "sqlalchemy_url": "{psycopg_url}",
                    "default_target_schema": "infusionsoft",
                    "hard_delete": True,
                },
            ),
        ),
    ),
    Target(
        name="target-jsonl",
        version="0.1.4",
        program="target-jsonl",
        into="jsonl",
        variants=(Variant(settings={"destination_path": "{folder}"}, shape=LOG),),
    ),
    Target(
        name="target-duckdb",
        version="0.8.0",
        program="target-duckdb",
        into="duckdb",
        variants=(
            Variant(
                settings={"path": "{file}", "default_target_schema": "infusionsoft", "hard_delete": True}
            ),
        ),
    ),
)
