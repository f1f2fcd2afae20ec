"""What of the documents comes from the wing: its settings, tables and messages. `make docs` writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tap_infusionsoft.xmlrpc import faults
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.odd_names import ODD_NAMES
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS, WITH_OWN_SETTING
from tap_infusionsoft.xmlrpc.reports.report import Report
from tap_infusionsoft.xmlrpc.settings import SETTINGS
from tap_infusionsoft.xmlrpc.table_streams import stream_name, table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.tests.migration_page import migration

WING = Path(__file__).parents[1]
PAGE = "tap_infusionsoft/xmlrpc/README.md"

ADVICE: Mapping[str, str] = {
    "… is no table, and no stream that has the rows of one.… The tables are: ….": (
        "Correct the name; the message lists all tables that can be compared."
    ),
    "--output … cannot be written: ….": "Name a file in a folder that there is, and that you may write to.",
    "…: there is no ….… There are: ….": "Correct the name; the message lists them all.",
    "….…: there is no table ….… There are: ….": "Correct the name; the message lists them all.",
    "…: … is no field with a password.… There are: ….": "Correct the name; the message lists them all.",
}
"""Message -> what to do, for messages that don't end with it."""
FAULTS = (*faults.ADVICE.values(),)
"""What messages about calls that failed end with, where XML-RPC differs from REST."""


def settings() -> str:
    """Return the table of the wing's settings."""
    from tools.docs import settings_table  # noqa: PLC0415  # it imports this module

    return settings_table(SETTINGS)


def meltano_settings() -> str:
    """Return the wing's settings for meltano.yml."""
    from tools.docs import meltano_settings as listed  # noqa: PLC0415  # it imports this module

    return listed(SETTINGS)


def tables() -> str:
    """Return the table of tables."""
    rows = []
    for name, table in TABLES.items():
        stream = table_stream(table)
        rest = ", ".join(f"`{one}`" for one in table.rest.split()) or "nothing: take a last copy"
        bookmark = f"`{table.updated}`" if table.updated else "full table"
        keys = ", ".join(f"`{key}`" for key in stream.keys)
        rows.append(f"| `{name}` | `{stream_name(name)}` | {table.about} | {keys} | {bookmark} | {rest} |")
    head = "| Table | Stream | Rows | Key | Bookmark | In REST |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def reports() -> str:
    """Return the table of reports, in the order of areas."""
    rows = [_report(one) for one in REPORTS.values()]
    rows += [
        f"| {one.title} | {f'`{one.stream}`' if one.stream else 'one for each entry'} | `{one.method}` "
        f"| {one.about} | `{one.setting}` | {_streams(one.title)} |"
        for one in WITH_OWN_SETTING.values()
    ]
    head = "| Report | Stream | Method | Rows | Parameters | In REST |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows])


def _report(report: Report) -> str:
    parameters = ", ".join(f"`{name}`" for name in report.settings)
    return (
        f"| {report.title} | `{report.stream}` | `{report.method}` | {report.about} | {parameters} "
        f"| {_streams(report.title)} |"
    )


def _streams(title: str) -> str:
    return ", ".join(f"`{one}`" for one in REPORT_MOVES[title].streams)


def odd_names() -> str:
    """Return the table of names that are not written as one expects."""
    rows = [
        f"| `{table}` | {', '.join(f'`{name}`' for name in names)} |" for table, names in ODD_NAMES.items()
    ]
    return "\n".join(["| Table | Fields |", "|---|---|", *rows])


def messages() -> str:
    """Return the table of the wing's messages."""
    from tools.docs import endings  # noqa: PLC0415  # it imports this module
    from tools.messages import messages_of_wing  # noqa: PLC0415

    return endings(messages_of_wing(WING))


def failed_calls() -> str:
    """Return the table of the faults that end otherwise than those of REST."""
    rows = [f"| {what} | {advice} |" for what, advice in faults.ADVICE.items()]
    return "\n".join(["| What happened | The message ends with |", "|---|---|", *rows])


def figures() -> str:
    """Return the table of the wing's benchmark."""
    from tools.bench import figures as table  # noqa: PLC0415  # only documents need it

    return table(WING / "tests" / "bench.json")


def dbt_files() -> dict[str, str]:
    """Return the views of the dbt package that have the names and columns of old."""
    from tap_infusionsoft.xmlrpc.tests.dbt_views import files  # noqa: PLC0415  # it imports tools.dbt

    return files()


PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    PAGE: {
        "settings": settings,
        "odd names": odd_names,
        "tables": tables,
        "reports": reports,
        "calls": failed_calls,
        "messages": messages,
        "figures": figures,
    },
    "docs/migration.md": {"wing migration": migration},
    "meltano.yml": {"wing xmlrpc": meltano_settings},
}
"""Document -> name of each part -> what generates it."""
