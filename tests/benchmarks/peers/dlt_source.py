"""A dlt source. Arguments: `extract` or `files`, a JSON file with `url`, and a folder for its files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    """Read all contacts, and write their number to a file."""
    mode, settings, folder = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])
    read = 0

    @dlt.resource(name="contacts", primary_key="id", max_table_nesting=0)
    def contacts() -> Iterator[list[Any]]:
        nonlocal read
        client = RESTClient(
            settings["url"],
            paginator=JSONResponseCursorPaginator(cursor_path="next_page_token", cursor_param="page_token"),
        )
        for page in client.paginate(
            "/crm/rest/v2/contacts", params={"page_size": 1000}, data_selector="contacts"
        ):
            read += len(page)
            yield page

    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=(folder / "files").as_uri()),
        dataset_name="keap",
    )
    if mode == "extract":
        pipeline.extract(contacts())
    else:
        pipeline.run(contacts(), loader_file_format="jsonl")
        read = pipeline.last_trace.last_normalize_info.row_counts.get("contacts", 0)
    (folder / "records").write_text(str(read))


if __name__ == "__main__":
    main()
