"""Files."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import CONTENT, flag, integer, key, moment, text
from tap_infusionsoft.streams.replication import NewestFirst

FILES = Collection(
    name="files",
    about="Files in the file box: names, sizes and types.",
    endpoint=Endpoint("/v2/files", items="files"),
    changes=NewestFirst(key="updated_time", order_by="updated_time"),
    properties={
        "id": key(),
        "category": text(),
        "file_name": text(),
        "is_public": flag(),
        "contact_id": text(),
        "created_by_id": text(),
        "remote_file_key": text(),
        "file_box_type": text(),
        "file_size": integer(),
        "created_time": moment(),
        "updated_time": moment(),
    },
)

FILE_DATA = Collection(
    name="file_data",
    about="Contents of files, in base64 (one call per file).",
    endpoint=Endpoint("/v2/files/{file_id}:data", items=None, paging="raw"),
    changes=NewestFirst(key="updated_time", order_by="updated_time"),
    key=("file_id",),
    slices=PerParent(
        stream="files",
        columns={"file_id": "id", "file_name": "file_name", "updated_time": "updated_time"},
        setting="file_ids",
        in_window=True,
    ),
    wire=Wire(ignored=frozenset({"text"})),
    selected_by_default=False,
    properties={
        "file_id": key(),
        "file_name": text(),
        "updated_time": moment(),
        "data": text("The content, in base64."),
        **CONTENT,
    },
)

COLLECTIONS = (
    FILES,
    FILE_DATA,
)
