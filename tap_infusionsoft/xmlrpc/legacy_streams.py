"""The streams that settings or the catalog name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.config.schema import QUERIES
from tap_infusionsoft.errors import ConfigError, did_you_mean
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.wings import WingStream, WingStreams
from tap_infusionsoft.xmlrpc import settings
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.custom_fields import with_custom_fields
from tap_infusionsoft.xmlrpc.ending import check_end
from tap_infusionsoft.xmlrpc.names import named
from tap_infusionsoft.xmlrpc.query_settings import read_queries
from tap_infusionsoft.xmlrpc.query_streams import QueryStream, query_stream
from tap_infusionsoft.xmlrpc.reports.choice import check_parameters, chosen_reports
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.reports.streams import report_stream
from tap_infusionsoft.xmlrpc.search_settings import SECRET_COLUMNS, TABLE, read_searches
from tap_infusionsoft.xmlrpc.searches import (
    FIELDS_STREAM,
    FieldsStream,
    SearchStream,
    fields_stream,
    search_stream,
)
from tap_infusionsoft.xmlrpc.served import as_served
from tap_infusionsoft.xmlrpc.table_streams import stream_name, table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.xmlrpc.reports.report import Report
    from tap_infusionsoft.xmlrpc.tables import Table

ARCHIVE = tuple(name for name, table in TABLES.items() if not table.rest)
"""The tables that REST has no counterpart for."""


@dataclass(frozen=True, slots=True)
class _TableStream:
    """Describes the stream of a table in an account."""

    table: Table
    secrets: frozenset[str]
    started: datetime

    def __call__(self, account: Account) -> Collection:
        """Return its declaration, with custom fields.

        Raises:
            ConfigError: The API has ended.
            KeapError: The custom fields cannot be read.
        """
        check_end(self.started, self.table.rest)
        return table_stream(with_custom_fields(as_served(self.table, account), account), self.secrets)


@dataclass(frozen=True, slots=True)
class _ReportStream:
    """Describes the stream of a report in an account."""

    report: Report
    secrets: frozenset[str]
    started: datetime

    def __call__(self, account: Account) -> Collection:
        """Return its declaration, with custom fields.

        Raises:
            ConfigError: The API has ended, or settings do not say what to read.
            KeapError: The custom fields cannot be read.
        """
        report = self.report
        check_end(self.started, " ".join(REPORT_MOVES[report.title].streams))
        check_parameters(report, account.settings.lists)
        tables = {
            name: with_custom_fields(as_served(TABLES[name], account), account) for name in report.tables
        }
        return report_stream(report, self.started, self.secrets, tables)


def legacy_streams(config: Mapping[str, Any], catalog: Iterable[str], started: datetime) -> WingStreams:
    """The streams that settings name, or that the catalog has.

    Args:
        config: The configuration.
        catalog: Names of the streams in the catalog.
        started: When the run started.

    Raises:
        ConfigError: A setting is wrong.
    """
    secrets = _secrets(config)
    streams = {name: (stream_name(name),) for name in TABLES}
    wanted = {*named(config, settings.TABLES, streams), *(ARCHIVE if settings.ARCHIVE.read(config) else ())}
    in_catalog = {*catalog}
    tables = [
        WingStream(table_stream(table, secrets), _TableStream(table, secrets, started))
        for name, table in TABLES.items()
        if name in wanted or stream_name(name) in in_catalog
    ]
    reports = chosen_reports(config, in_catalog)
    found = [
        WingStream(report_stream(one, started, secrets), _ReportStream(one, secrets, started))
        for one in reports
    ]
    queries = read_queries(config, _taken(config))
    found += [
        WingStream(query_stream(one, one.table, knows_custom=False), QueryStream(one, started))
        for one in queries
    ]
    searches = read_searches(config)
    found += [WingStream(search_stream(one, {}), SearchStream(one, started)) for one in searches]
    if searches:
        found.append(WingStream(fields_stream(searches), FieldsStream(tuple(searches), started)))
    lists = {one.setting: one.ids for one in queries if one.ids}
    return WingStreams((*tables, *found), _sources(reports, started), lists)


def _taken(config: Mapping[str, Any]) -> dict[str, str]:
    """Names that streams have which are no queries of the wing -> what has them."""
    queries = [one.get("name") for one in QUERIES.read(config) or ()]
    return {
        **dict.fromkeys(COLLECTIONS, "a stream of REST"),
        **{str(name): "an entry of queries" for name in queries},
        **{stream_name(name): f"the table {name}" for name in TABLES},
        **{one.stream: f"the report {one.name}" for one in REPORTS.values()},
        **{one.stream: f"the saved search {one.id}" for one in read_searches(config)},
        FIELDS_STREAM: "the list of columns of saved searches",
    }


def _sources(reports: Iterable[Report], started: datetime) -> dict[str, Collection]:
    """The collections of the wing that reports are read for, by name."""
    names = {one.slices.stream for one in reports if one.slices is not None}
    tables = {stream_name(name): table_stream(table) for name, table in TABLES.items()}
    listed = {one.stream: report_stream(one, started) for one in REPORTS.values() if one.stream in names}
    return {name: one for name, one in (tables | listed).items() if name in names}


def _secrets(config: Mapping[str, Any]) -> frozenset[str]:
    """The fields with passwords that are wanted.

    Raises:
        ConfigError: The setting names another field.
    """
    known = [f"{table.name}.{field}" for table in TABLES.values() for field in table.passwords.split()]
    known += [f"{TABLE}.{column}" for column in SECRET_COLUMNS]
    known += [f"{report.name}.{member}" for report in REPORTS.values() for member in report.secrets]
    for wanted in settings.SECRETS.read(config) or ():
        if wanted not in known:
            raise ConfigError(
                f"{settings.SECRETS.name}: {wanted!r} is no field with a password."
                f"{did_you_mean(wanted, known)} There are: {', '.join(known)}."
            )
    return frozenset(settings.SECRETS.read(config) or ())
