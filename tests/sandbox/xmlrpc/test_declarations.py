"""What the modules of services and tables declare fits together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keap_sandbox.xmlrpc.registry import METHODS
from keap_sandbox.xmlrpc.tables.registry import TABLES
from keap_sandbox.xmlrpc.tables.view import LegacyRow, LegacyRows

_TYPES = {str, int, bool, float, datetime, dict, list, bytes}


class _Rows(LegacyRows):
    def keys(self) -> Sequence[int]:
        return [1]

    def row(self, key: int) -> LegacyRow:
        return {"Id": key, "Name": "Ada"}

    def stamp(self) -> tuple[object, ...]:
        return ("names", 0)


def test_methods_have_full_names_and_take_types_that_requests_can_have() -> None:
    for name, method in METHODS.items():
        assert name.count(".") == 1
        assert method.signatures
        for types in method.signatures:
            assert set(types) <= _TYPES, name


def test_tables_are_listed_by_their_name_and_have_their_columns_once() -> None:
    for name, view in TABLES.items():
        names = [column.name for column in view.columns]
        assert name == view.name
        assert len(names) == len(set(names))
        assert not view.id_column or view.id_column in names
        assert all(set(column.access) <= set("EDAR") for column in view.columns)


def test_a_value_is_that_of_the_row_unless_a_table_knows_a_shorter_way() -> None:
    rows = _Rows()
    assert [rows.value(1, field) for field in ("Id", "Name", "Other")] == [1, "Ada", None]
