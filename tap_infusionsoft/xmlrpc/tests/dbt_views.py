"""Views of the dbt package with the names and columns of old: the classic connector's reports and tables.

Each reads staging models of REST streams, so the views outlive the old API. `make docs` writes them from the
counterparts, as it does the page about moving.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.xmlrpc.counterparts.declarations import Counterpart, ReportMove, TableMove
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.counterparts.tables import TABLE_MOVES
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.table_streams import stream_name
from tools.dbt import RENAMED, is_extra, kinds, model

REPORTS_FOLDER = "dbt/models/reports"
TABLES_FOLDER = "dbt/models/tables"
HEADER = "Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit."

_STEP = re.compile(r"(?P<column>\w+)(?:\[(?P<item>\w*)\])?(?:\.(?P<rest>.+))?")
_JOIN_COLUMNS = {"commission_program_affiliates": "commission_program_id"}
"""Stream -> the column by which it is joined, if that is not its key."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows of a view are.

    Attributes:
        stream: The stream.
        inside: The column whose elements are the rows; empty if the rows of the stream are.
        only: A condition on them, in SQL.
    """

    stream: str
    inside: str = ""
    only: str = ""


_SPECIAL_ROWS = {
    "Shipping - Order Shipping Ranges": Rows("shipping_methods", inside="ranges"),
    "Webform IDs": Rows("webforms", only="own.webform_type = 'LEGACY'"),
}
_OF_TABLES: Mapping[str, tuple[str, ...]] = {
    title: one.tables for title, one in ((one.title, one) for one in REPORTS.values()) if one.tables
}
_JOINED_PROGRAMS = """
join {{ ref('stg_infusionsoft__commission_program_affiliates') }} as members
    on members.affiliate_id = affiliate."Id"
join {{ ref('classic_contact') }} as contact on contact."Id" = affiliate."ContactId"
""".strip()
_COMPUTED = {
    ("Affiliate - Running Totals", "Payments"): (
        "coalesce((select sum(paid.pay_amount) "
        "from {{ ref('stg_infusionsoft__affiliate_payments') }} as paid "
        "where paid.affiliate_id = own.affiliate_id), 0)"
    )
}
"""Report and member -> SQL of what REST has only in other words."""
_PAYMENT_OPTIONS = """
select
    trim(option) as "Option",
    trim(option) as "Name"
from (
    select
        unnest(
            string_to_array({{ infusionsoft.json_text('ecommerce', ['payment_types']) }}, ',')
        ) as option
    from {{ ref('stg_infusionsoft__application_settings') }}
) as options
where trim(option) <> ''
""".strip()
_TABLE = "select * from {{ ref('classic_' ~ infusionsoft.snake_case(var('infusionsoft_data_table'))) }}"
_SEARCH = "{{ infusionsoft.saved_search(var('infusionsoft_saved_search')) }}"


def files() -> dict[str, str]:
    """Return the views: path in the repository -> content."""
    found: dict[str, str] = {}
    for folder, views in ((REPORTS_FOLDER, _reports()), (TABLES_FOLDER, _tables())):
        described = []
        for name, sql, properties in views:
            found[f"{folder}/{name}.sql"] = f"-- {HEADER}\n{sql}\n"
            described.append({"name": name, **properties})
        content = {"version": 2, "models": described}
        found[f"{folder}/{folder.rpartition('/')[2]}.yml"] = f"# {HEADER}\n" + yaml.safe_dump(
            content, sort_keys=False, allow_unicode=True, width=100
        )
    return found


def view_of_report(title: str) -> str:
    """Return the name of the view of a report, the same as that of its legacy stream without the prefix."""
    plain = title.replace("'", "").replace("Flate", "Flat").lower()
    return re.sub(r"[^a-z]+", "_", plain)


def view_of_table(table: str) -> str:
    """Return the name of the view of a table."""
    return f"classic_{stream_name(table).removeprefix('legacy_')}"


def _reports() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for title, move in REPORT_MOVES.items():
        yield view_of_report(title), _report_sql(move), _report_properties(move)


def _report_sql(move: ReportMove) -> str:
    if move.members:
        rows = _SPECIAL_ROWS.get(move.report, Rows(move.streams[0] if move.streams else ""))
        computed = {name: sql for (report, name), sql in _COMPUTED.items() if report == move.report}
        return _select(rows, move.members.values(), computed=computed)
    if move.report == "Invoice - Available Payment Options":
        return _PAYMENT_OPTIONS
    if move.report == "Affiliate Program - Program's Affiliates":
        return _program_members()
    if tables := _OF_TABLES.get(move.report):
        return f"select * from {{{{ ref('{view_of_table(tables[0])}') }}}}"  # noqa: S608
    return _TABLE if "queries" in move.parameters.values() else _SEARCH


def _program_members() -> str:
    """Return the SQL of the report with the fields of two tables; those of both are the affiliate's."""
    own, more = ({*_fields(TABLE_MOVES[table])} for table in ("Affiliate", "Contact"))
    columns = ['members.commission_program_id as "ProgramId"']
    columns += [f'affiliate."{name}"' for name in _fields(TABLE_MOVES["Affiliate"]) if name in own]
    columns += [f'contact."{name}"' for name in _fields(TABLE_MOVES["Contact"]) if name in more - own]
    listed = ",\n    ".join(columns)
    return f"select\n    {listed}\nfrom {{{{ ref('classic_affiliate') }}}} as affiliate\n{_JOINED_PROGRAMS}"


def _report_properties(move: ReportMove) -> dict[str, Any]:
    about = [f"The classic connector's report {move.report} ({move.method}). {move.notes}".strip()]
    if settings := sorted({one for one in move.parameters.values() if one}):
        about.append(f"Filter it, or limit what the tap loads: {', '.join(settings)}.")
    return {"description": " ".join(about), **_columns(move.members.values())}


def _tables() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, move in TABLE_MOVES.items():
        if not move.parts:
            continue
        texts = len(move.parts) > 1
        selects = [
            _select(Rows(part.stream, part.rows), part.fields.values(), texts=texts, names=_fields(move))
            for part in move.parts
        ]
        streams = [part.stream for part in move.parts if is_extra(part.stream)]
        config = (
            f"{{{{ config(enabled='{streams[0]}' in var('infusionsoft_extra_streams')) }}}}\n"
            if streams
            else ""
        )
        about = (
            f"The table {name} of the old API, from {', '.join(sorted({one.stream for one in move.parts}))}."
        )
        properties = {
            "description": f"{about} {move.notes}".strip(),
            **_columns(move.parts[0].fields.values()),
        }
        yield view_of_table(name), config + "\nunion all\n".join(selects), properties


def _fields(move: TableMove) -> list[str]:
    """Return the fields of a table, without passwords."""
    return [name for name, one in move.parts[0].fields.items() if _is_shown(one)]


def _is_shown(one: Counterpart) -> bool:
    return not one.why.startswith("A credential.")


def _columns(members: Iterable[Counterpart]) -> dict[str, Any]:
    """Return the descriptions of columns, if there are any."""
    listed = [
        {"name": one.field, "description": _about(one), "quote": True} for one in members if _is_shown(one)
    ]
    return {"columns": listed} if listed else {}


def _about(one: Counterpart) -> str:
    if one.why:
        return f"Null. {one.why} {one.note}".strip()
    place = f"{one.stream}.{one.place}, by {one.via}" if one.stream else one.place
    missing = "" if _is_within_reach(one) else " Null here: join that stream yourself."
    guessed = " Most likely so, but nobody says it." if one.guessed else ""
    return f"{place} in REST.{missing}{guessed} {one.note}".strip()


def _is_within_reach(one: Counterpart) -> bool:
    """Whether a field of another stream comes from at most one row of it."""
    if not one.stream:
        return True
    if is_extra(one.stream) or one.note.startswith("By way of") or "[]" in one.place:
        return False
    if one.stream in _JOIN_COLUMNS:
        return True
    keys = COLLECTIONS[one.stream].keys
    return len(keys) == 1 and keys != ("row_key",) and (one.via != "id" and not one.via.endswith("_ids"))


def _select(
    rows: Rows,
    members: Iterable[Counterpart],
    *,
    texts: bool = False,
    names: Sequence[str] = (),
    computed: Mapping[str, str] | None = None,
) -> str:
    """Return the query of a view.

    Args:
        rows: What its rows are.
        members: Its columns.
        texts: Whether all columns are texts, so that it can be united with others.
        names: The columns, in order; those of `members` if none are given.
        computed: Column -> its SQL, if it is not in one place.
    """
    found = {one.field: one for one in members if _is_shown(one)}
    columns, joined = [], {}
    for name in names or found:
        one = found.get(name)
        expression = (computed or {}).get(name, "cast(null as {{ dbt.type_string() }})")
        if one is not None and one.place and _is_within_reach(one):
            alias = one.stream or "own"
            inside = rows.inside if not one.stream else ""
            expression = _expression(one, alias, one.stream or rows.stream, inside)
            if one.stream:
                joined[one.stream] = one.via
        if texts:
            expression = f"cast({expression} as {{{{ dbt.type_string() }}}})"
        columns.append(f'{expression} as "{name}"')
    listed = ",\n    ".join(columns)
    if COLLECTIONS[rows.stream].custom_fields and not texts and not rows.inside:
        listed += f"\n    {{{{ infusionsoft.custom_fields(ref('{model(rows.stream)}'), 'own') }}}}"
    lines = [f"select\n    {listed}", f"from {{{{ ref('{model(rows.stream)}') }}}} as own"]
    for stream, via in joined.items():
        column = _JOIN_COLUMNS.get(stream) or COLLECTIONS[stream].keys[0]
        kind = "join" if stream in _JOIN_COLUMNS else "left join"
        lines.append(f"{kind} {{{{ ref('{model(stream)}') }}}} as {stream} on {stream}.{column} = own.{via}")
    if rows.inside and _is_list(rows.stream, rows.inside):
        lines.append(f"cross join {{{{ infusionsoft.json_rows('own.{rows.inside}', 'item') }}}}")
    elif rows.inside:
        lines.append(f"where own.{rows.inside} is not null")
    if rows.only:
        lines.append(f"where {rows.only}")
    return "\n".join(lines)


def _is_list(stream: str, column: str) -> bool:
    return "items" in COLLECTIONS[stream].properties[column]


def _expression(one: Counterpart, alias: str, stream: str, inside: str) -> str:
    """Return the SQL of a place such as ``addresses[BILLING].region/region_code``.

    Args:
        one: The counterpart that names the place.
        alias: Name of the stream in the query.
        stream: The stream.
        inside: The column whose elements are the rows.
    """
    head, slash, other = one.place.partition("/")
    first = _value(head, alias, stream, inside)
    if not slash:
        return first
    before = head.rpartition(".")[0]
    second = _value(f"{before}.{other}" if before else other, alias, stream, inside)
    return f"coalesce(nullif({first}, ''), {second})"


def _value(place: str, alias: str, stream: str, inside: str) -> str:
    step = _STEP.fullmatch(place)
    assert step is not None, place
    column, item, rest = step["column"], step["item"], step["rest"]
    path = rest.split(".") if rest else []
    if column == inside and _is_list(stream, inside):
        return f"{{{{ infusionsoft.json_text('item.value', {path}) }}}}"
    named = RENAMED.get(stream, {}).get(column, column)
    source = f'{alias}."{named}"' if named in {"notes", "order"} else f"{alias}.{named}"
    if item:
        return f"{{{{ infusionsoft.json_text(infusionsoft.json_item('{source}', '{item}'), {path}) }}}}"
    if item == "" or (not path and kinds(COLLECTIONS[stream])[column] == "json" and _is_list(stream, column)):
        return f"{{{{ infusionsoft.json_joined('{source}', {path}) }}}}"
    if path:
        return f"{{{{ infusionsoft.json_text('{source}', {path}) }}}}"
    return source
