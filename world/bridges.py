"""The destinations of dlt's that `make world` loads through the bridge: `make world WORLD=dlt-duckdb`.

The tests of the bridge, in `tests/bridge`, load the same ones.
"""

from __future__ import annotations

from world.declared import Bridge, Variant

DLT = "1.31.0"
_FOLDER = {"DESTINATION__FILESYSTEM__BUCKET_URL": "{folder}"}

BRIDGES: tuple[Bridge, ...] = (
    Bridge(
        name="dlt-duckdb",
        version=DLT,
        into="duckdb",
        requires=("duckdb==2.0.1",),
        options=("--destination", "duckdb", "--credentials", "{file}"),
        variants=(Variant(),),
        note="No other program may have the file open while it is loaded, not even to read it.",
    ),
    Bridge(
        name="dlt-parquet",
        version=DLT,
        into="history",
        keeps_history=True,
        requires=("pyarrow==26.0.1",),
        options=("--destination", "filesystem"),
        variants=(Variant(environment=_FOLDER),),
        note=(
            "The files keep every version of every row. [A query](duckdb.md#recipes) returns the "
            "current rows, and the comparison uses it."
        ),
    ),
    Bridge(
        name="dlt-delta",
        version=DLT,
        into="delta",
        requires=("deltalake==1.6.6", "pyarrow==26.0.1"),
        options=("--destination", "filesystem", "--table-format", "delta"),
        variants=(Variant(environment=_FOLDER),),
    ),
    Bridge(
        name="dlt-iceberg",
        version=DLT,
        into="iceberg",
        requires=("pyiceberg[sql-sqlite]==0.12.0", "pyarrow==26.0.1"),
        options=("--destination", "filesystem", "--table-format", "iceberg"),
        variants=(Variant(environment=_FOLDER),),
    ),
    Bridge(
        name="dlt-postgres",
        version=DLT,
        into="postgres",
        requires=("psycopg2-binary==2.9.13",),
        options=("--destination", "postgres"),
        variants=(Variant(environment={"DESTINATION__POSTGRES__CREDENTIALS": "{full_url}"}),),
        note="Times have a zone, so the time zone of sessions does not matter. The URL must have a password.",
    ),
)
