"""Files."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import flag, integer, key, moment, text
from tap_infusionsoft.streams.relations import id_of, key_of
from tap_infusionsoft.streams.replication import NewestFirst
from tap_infusionsoft.streams.shared_columns import CONTENT

FILES = Collection(
    name="files",
    about="Files in the file box: names, sizes and types.",
    endpoint=Endpoint("/v2/files", items="files"),
    changes=NewestFirst(key="updated_time", order_by="updated_time"),
    properties={
        "id": key("Id of the file."),
        "category": text(
            "Category of the file, such as DOCUMENTS or INVOICE. Keap adds categories to this list."
        ),
        "file_name": text("Name of the file, with its extension."),
        "is_public": flag("Whether the file is publicly accessible."),
        "contact_id": id_of(
            "contacts", "Id of the contact that the file belongs to; null if it belongs to none."
        ),
        "created_by_id": id_of("users", "Id of the user who created the file."),
        "remote_file_key": text("Key of the file in Keap's storage."),
        "file_box_type": text(
            "Where Keap uses the file, such as APPLICATION or ATTACHMENT. Keap adds types to this list."
        ),
        "file_size": integer("Size in bytes."),
        "created_time": moment("When the file was created."),
        "updated_time": moment("Time of the last change. This is the bookmark."),
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
        "file_id": key_of("files", "Id of the file."),
        "file_name": text("Name of the file, with its extension."),
        "updated_time": moment("Time of the file's last change. This is the bookmark."),
        "data": text("The content, in base64."),
        **CONTENT,
    },
)

COLLECTIONS = (
    FILES,
    FILE_DATA,
)
