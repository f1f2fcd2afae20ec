"""The report about files. Source: the vendor's documentation of 2013."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.columns import flag, integer, text, whole_key
from tap_infusionsoft.xmlrpc.reports.report import Report

REPORTS = (
    Report(
        title="Get File",
        method="FileService.getFile",
        about="Contents of files.",
        slices=PerParent(
            stream="legacy_file_box",
            columns={"FileId": "Id", "FileName": "FileName", "Extension": "Extension"},
            setting="file_ids",
            id="Id",
        ),
        is_file=True,
        key=("FileId",),
        columns={
            "FileId": whole_key("Id of the file (legacy_file_box.Id)."),
            "FileName": text("Name of the file."),
            "Extension": text("Extension of its name."),
            "Data": text("The content, in base64."),
            "Size": integer("Size of the content in bytes, if known."),
            "IsTooLarge": flag("True if the content is null because it exceeds max_record_bytes."),
        },
    ),
)
