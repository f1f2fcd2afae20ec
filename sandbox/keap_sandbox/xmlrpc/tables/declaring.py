"""Declares a table from its cells and the records of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.eastern import eastern
from keap_sandbox.xmlrpc.tables.customs import FORMS, CustomValues, custom_columns
from keap_sandbox.xmlrpc.tables.records import stamps
from keap_sandbox.xmlrpc.tables.view import LegacyRow, LegacyRows, TableView, Value, no_custom_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row
    from keap_sandbox.xmlrpc.tables.cells import Cell
    from keap_sandbox.xmlrpc.tables.records import Records, Source

__all__ = ["table"]


class _Rows(LegacyRows):
    def __init__(
        self,
        account: Account,
        records: Records,
        cells: Mapping[str, Cell],
        custom: CustomValues | None,
        needs: Sequence[str],
    ) -> None:
        self._account = account
        self._records = records
        self._cells = cells
        self._custom = custom
        self._needs = needs

    def keys(self) -> Sequence[int]:
        return self._records.keys()

    def row(self, key: int) -> LegacyRow:
        record = self._records.record(key)
        custom = self._customs(record)
        return self._read(record, (*self._cells, *custom), custom)

    def part(self, key: int, fields: Collection[str]) -> LegacyRow:
        record = self._records.record(key)
        cells = self._cells
        custom = self._customs(record) if any(field not in cells for field in fields) else {}
        return self._read(record, fields, custom)

    def _customs(self, record: Row) -> LegacyRow:
        return self._custom.of(record) if self._custom is not None else {}

    def _read(self, record: Row, fields: Iterable[str], custom: LegacyRow) -> LegacyRow:
        account, cells, row = self._account, self._cells, LegacyRow()
        for field in fields:
            cell = cells.get(field)
            value = cell.read(account, record) if cell is not None else custom.get(field)
            if value is not None:
                row[field] = value
        return row

    def value(self, key: int, field: str) -> Value:
        cell = self._cells.get(field)
        if cell is None:
            return self._customs(self._records.record(key)).get(field)
        if cell.type == "DateTime" and cell.path:
            moment = self._records.moment(key, cell.path)
            if moment is not None:
                return eastern(moment)
        return cell.read(self._account, self._records.record(key))

    def stamp(self) -> tuple[object, ...]:
        return (
            self._records.stamp(),
            stamps(self._account, self._needs),
            self._account.switches.plain_amounts,
        )


def table(
    name: str,
    source: Source,
    *cells: Cell,
    access: str = "R",
    id_column: str = "Id",
    record: str = "",
    needs: Sequence[str] = (),
) -> TableView:
    """Declare a table.

    Args:
        name: Its name.
        source: The records of its rows.
        *cells: Its columns.
        access: What the API may do with its rows and, unless a cell says otherwise, its columns.
        id_column: The column with the keys of the rows.
        record: The kind of record whose custom fields it has; empty for none.
        needs: Further collections that the cells read, or a list is put together from.
    """
    read = {one.name: one for one in cells if not one.retired}
    if record:
        needs = (*needs, "custom_fields")

    def rows(account: Account) -> LegacyRows:
        custom = CustomValues(account, record) if record else None
        return _Rows(account, source(account), read, custom, needs)

    return TableView(
        name,
        tuple(one.column(access) for one in cells),
        rows,
        id_column,
        FORMS[record] if record else None,
        custom_columns(record) if record else no_custom_columns,
        access,
    )
