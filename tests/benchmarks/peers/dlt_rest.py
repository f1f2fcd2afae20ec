"""What a user of dlt would write: a `rest_api` source into DuckDB.

Arguments: a JSON file with `url`, a folder, and the format of the files that dlt loads, unless it is the
default.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import dlt
from dlt.sources.rest_api import rest_api_source


def main() -> None:
    """Load all contacts into a DuckDB file."""
    settings, folder, file_format = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]), sys.argv[3:]
    source = rest_api_source(
        {
            "client": {
                "base_url": settings["url"],
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "next_page_token",
                    "cursor_param": "page_token",
                },
            },
            "resources": [
                {
                    "name": "contacts",
                    "primary_key": "id",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": "/crm/rest/v2/contacts",
                        "params": {"page_size": 1000},
                        "data_selector": "contacts",
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "keap.duckdb")),
        dataset_name="infusionsoft",
    )
    pipeline.run(source, loader_file_format=file_format[0] if file_format else None)


if __name__ == "__main__":
    main()
