"""The report about web forms. Source: the vendor's documentation of 2013."""

from __future__ import annotations

from tap_infusionsoft.streams.columns import text, whole_key
from tap_infusionsoft.xmlrpc.reports.answers import pairs
from tap_infusionsoft.xmlrpc.reports.report import Report

REPORTS = (
    Report(
        title="Webform IDs",
        method="WebFormService.getMap",
        about="Legacy web forms.",
        key=("FormId",),
        rows=pairs("FormId", "Title"),
        is_plain=True,
        columns={"FormId": whole_key("Id of the form."), "Title": text("Title of the form.")},
    ),
)
