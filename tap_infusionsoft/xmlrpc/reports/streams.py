"""Reports as streams."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.streams.collection import (
    Collection,
    Endpoint,
    Fields,
    PerBatch,
    PerParent,
    Wire,
)
from tap_infusionsoft.streams.columns import text
from tap_infusionsoft.streams.replication import Snapshot, Timed
from tap_infusionsoft.xmlrpc.calls import ROWS
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.refused_fields import RefusedFields
from tap_infusionsoft.xmlrpc.reports.answers import OTHER, named
from tap_infusionsoft.xmlrpc.reports.report import Dates, Report
from tap_infusionsoft.xmlrpc.reports.walks import (
    LOOKBACK,
    PERIOD,
    WalkMonths,
    WalkReport,
)
from tap_infusionsoft.xmlrpc.rescue import Finds
from tap_infusionsoft.xmlrpc.table_streams import QUERY, about_rest, table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.walks import TableQuery, walk_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Walk
    from tap_infusionsoft.streams.columns import Schema
    from tap_infusionsoft.xmlrpc.tables import Table


def report_stream(
    report: Report,
    now: datetime,
    secrets: frozenset[str] = frozenset(),
    tables: Mapping[str, Table] = TABLES,
) -> Collection:
    """Declare the stream of a report.

    Args:
        report: The report.
        now: When the run started.
        secrets: Members with credentials that the user wants, as ``Contact.Password``.
        tables: The tables by name, with the account's custom fields if they are known.
    """
    if report.method == QUERY:
        return _tagged(report, tables[report.tables[0]], secrets)
    own = [table_stream(tables[name], secrets) for name in report.tables]
    hidden = {name for name in report.secrets if f"{report.name}.{name}" not in secrets}
    hidden |= {
        field
        for name in report.tables
        for field in tables[name].passwords.split()
        if f"{name}.{field}" not in secrets
    }
    properties: dict[str, Schema] = {
        name: column for name, column in report.columns.items() if name not in hidden
    }
    for one in own:
        for name, column in one.properties.items():
            properties.setdefault(name, column if name in report.key else _nullable(column))
    if report.dates is Dates.MONTHS:
        properties[PERIOD] = text("The month that was asked for, such as 2026-03, or the year.")
    rows = report.rows
    if not (report.takes_fields or report.is_file or report.is_plain):
        given = {*_given(report), PERIOD} if report.dates is Dates.MONTHS else _given(report)
        members = {name.lower(): name for name in properties if name not in given}
        rows = named(members, frozenset(map(str.lower, hidden | given)), report.rows)
        properties[OTHER] = text("Members of the answer that no source describes, as JSON text.")
    return Collection(
        name=report.stream,
        about=_about(report),
        endpoint=Endpoint(
            _path(report),
            ROWS,
            paging="none",
            fields=Fields(names=frozenset(properties)) if report.takes_fields else Fields(),
            walk=partial(_walk, report, now, RefusedFields()),
        ),
        changes=Timed(report.time, lookback=LOOKBACK) if report.time else Snapshot(),
        key=report.key or ("id",),
        row_key=report.row_key,
        slices=report.slices,
        chosen=(report.chosen,) if report.chosen else (),
        wire=Wire(
            beside={PERIOD: PERIOD} if report.dates is Dates.MONTHS else {},
            left_out={"is_too_large": "the rows say it"} if report.is_file else {},
            unpack=rows,
        ),
        selected_by_default=False,
        properties=properties,
    )


def _tagged(report: Report, table: Table, secrets: frozenset[str]) -> Collection:
    """Declare the stream of the report that is read from the table of tags of contacts."""
    plain, finds = table_stream(table, secrets), Finds()

    def walk(plan: ReadPlan, piece: Slice, after: int) -> Walk:
        return walk_table(TableQuery(table, piece.values, finds=finds), plan, piece, after)

    endpoint = replace(plain.endpoint, path=_path(report), walk=walk)
    return replace(plain, name=report.stream, about=_about(report), endpoint=endpoint, slices=report.slices)


def _walk(
    report: Report, now: datetime, refused: RefusedFields, plan: ReadPlan, piece: Slice, after: int
) -> Walk:
    del after  # rows are not walked by their ids
    return (WalkMonths if report.dates is Dates.MONTHS else WalkReport)(plan, piece, report, now, refused)


def _given(report: Report) -> set[str]:
    """The columns that do not come with the rows."""
    return {*report.slices.columns} if isinstance(report.slices, PerParent) else set()


def _path(report: Report) -> str:
    """What messages and states call a slice: the method, and the id that it is called with."""
    if not isinstance(report.slices, PerParent):
        return report.method
    return f"{report.method}({{{next(iter(report.slices.columns))}}})"


def _nullable(column: Schema) -> Schema:
    kinds = column["type"]
    return column if isinstance(kinds, list) else {**column, "type": [kinds, "null"]}


def _about(report: Report) -> str:
    match report.slices:
        case PerBatch(stream=source, size=size):
            cost = f" Takes a call for {size} rows of {source}."
        case PerParent(stream=source):
            cost = f" Takes a call for each row of {source}{' and month' if report.time else ''}."
        case _:
            cost = ""
    rest = about_rest(" ".join(REPORT_MOVES[report.title].streams))
    return f"{report.about}{cost} Report {report.title} by {report.method} of XML-RPC, {rest}"
