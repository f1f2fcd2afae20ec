"""Names of fields are case-sensitive, and a few of them are not written as one expects."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.odd_names import ODD_NAMES
from tap_infusionsoft.xmlrpc.tables import TABLES
from tests.fixtures import Run
from tests.sandbox import reference

_FILE = reference.FOLDER / "xmlrpc_tables.json"
_ODD = re.compile(r"([a-z]ID|Leadsource)$")

ODD = [(table, name) for table, names in ODD_NAMES.items() for name in names]


def odd_names(fields: dict[str, list[str]]) -> dict[str, set[str]]:
    found = {table: {name for name in names if _ODD.search(name)} for table, names in fields.items()}
    return {table: names for table, names in found.items() if names}


def test_the_list_is_that_of_the_tables() -> None:
    assert odd_names({name: [*table.fields] for name, table in TABLES.items()}) == {
        table: {*names} for table, names in ODD_NAMES.items()
    }


@pytest.mark.skipif(not _FILE.is_file(), reason="Keap's documents are not on this machine")
def test_the_list_is_that_of_the_reference() -> None:
    tables = json.loads(Path(_FILE).read_text())
    fields = {name: [*known] for name, known in tables.items() if not name.startswith("_")}
    assert odd_names(fields) == {table: {*names} for table, names in ODD_NAMES.items()}


@pytest.mark.parametrize(("table", "name"), ODD)
def test_only_the_odd_name_is_served(run: Run, table: str, name: str) -> None:
    other = name.replace("ID", "Id").replace("Leadsource", "LeadSource")
    assert other != name

    def ask(field: str) -> None:
        order = TABLES[table].order
        arguments: tuple[object, ...] = (table, 1, 0, {}, [field], order, True)
        run.tap({}).account.client.fetch(XmlRpcCall("DataService.query", ROWS, arguments=arguments))

    ask(name)
    with pytest.raises(KeapError, match=re.escape(f"No field found: {table}.{other}")) as error:
        ask(other)
    assert error.value.fault.kind is Kind.BAD_REQUEST


@pytest.mark.parametrize(("table", "name"), ODD)
def test_the_column_has_the_odd_name(run: Run, table: str, name: str) -> None:
    (stream,) = run.tap({}, discovers=(), legacy_tables=[table]).streams.values()
    assert name.replace(".", "_") in stream.schema["properties"]
