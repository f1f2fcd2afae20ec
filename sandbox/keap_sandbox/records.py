"""What /sandbox/records does: show all rows of a collection, and plant rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.custom_fields import rows_changed
from keap_sandbox.derived_records import DERIVED
from keap_sandbox.lists.v2 import without
from keap_sandbox.registry import collection_of
from keap_sandbox.request import parse_id
from keap_sandbox.responses import KeapError
from keap_sandbox.timestamps import parse_moment
from keap_sandbox.xmlrpc import reports
from keap_sandbox.xmlrpc.tables import truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row, Table

__all__ = ["BadRecordsError", "count_all", "plant", "records"]


class BadRecordsError(ValueError):
    """A collection or a row that can't be read or planted."""


_SINGULAR = {
    "contacts": "contact", "companies": "company", "affiliates": "affiliate", "orders": "order",
    "subscriptions": "subscription", "opportunities": "opportunity", "notes": "note", "tasks": "task",
}  # fmt: skip


def _models(account: Account) -> dict[str, list[Row]]:
    """Return the custom fields of every kind of record, their groups and tabs, as collections by name."""
    found: dict[str, list[Row]] = {}
    for record, name in _SINGULAR.items():
        fields = account.custom_fields[record]
        found[f"{name}_custom_fields"] = list(fields)
        found[f"{name}_custom_field_groups"] = fields.groups
        found[f"{name}_custom_field_tabs"] = fields.tabs
    return found


def count_all(account: Account) -> dict[str, int | None]:
    """Return the number of rows of every collection; None if counting would have to generate them first."""
    counts: dict[str, int | None] = dict.fromkeys(sorted({*DERIVED, *account.tables} - _HIDDEN))
    for name in account.tables.created():
        if name not in _HIDDEN:
            counts[name] = len(account.tables[name])
    counts["contact_tags"] = len(account.pairs().keys())
    counts["contact_tags_by_contact"] = None
    counts["report_rows"] = sum(len(search.keys()) for search in account.saved_searches.values())
    counts |= {name: len(fields) for name, fields in _models(account).items()}
    return counts | {name: counts.get(name) for name in (*truth.names(), *reports.names())}


_HIDDEN = {"contact_link_rows", "program_resources"}
"""Tables that are part of other collections only."""
_ID_NAMES = ("id", "payment_method_id", "email", "key")


def _shown(collection: str, row: Row) -> Row:
    declared = collection_of(collection)
    return without(row, (*declared.single, *declared.private)) if declared.single or declared.private else row


def records(account: Account, collection: str, report_id: str = "", *, ids_only: bool = False) -> list[Any]:
    """Return every row of a collection with all the fields that the API can show.

    Args:
        account: The account.
        collection: The name of the collection.
        report_id: The saved search, for the collection `report_rows`.
        ids_only: Return the ids instead of the rows.

    Raises:
        BadRecordsError: If there is no such collection or saved search.
    """
    if collection in truth.names():
        return truth.table_records(account, collection, ids_only=ids_only)
    if collection in reports.names():
        return reports.report_records(account, collection)
    rows = _rows(account, collection, report_id, ids_only=ids_only)
    if not ids_only or not rows or not isinstance(rows[0], dict):
        return rows
    return [next((str(row[name]) for name in _ID_NAMES if name in row), None) for row in rows]


def _rows(account: Account, collection: str, report_id: str, *, ids_only: bool) -> list[Any]:
    if collection in DERIVED:
        return list(DERIVED[collection](account))
    if collection in account.tables:
        keys = account.tables[collection].keys()
        if ids_only and collection_of(collection).key:
            return [str(key) for key in keys]
        return [_shown(collection, account.full(collection, key)) for key in keys]
    if collection in {"contact_tags", "contact_tags_by_contact"}:
        pairs = account.pairs()
        return list(map(pairs.row, pairs.keys()))
    if collection == "report_rows":
        search = account.saved_searches.get(parse_id(report_id))
        if search is None:
            known = ", ".join(map(str, account.saved_searches))
            raise BadRecordsError(f"report_rows needs report_id, one of {known}")
        return list(map(search.values, search.keys()))
    models = _models(account)
    if collection in models:
        return models[collection]
    raise BadRecordsError(f"no collection {collection!r}; there are: {', '.join(count_all(account))}")


def plant(
    account: Account,
    collection: str,
    upsert: Sequence[Row] = (),
    delete: Iterable[object] = (),
    *,
    touch: bool = False,
) -> int:
    """Put rows into a collection or take rows out, past the API and its checks.

    Args:
        account: The account.
        collection: The name of the collection.
        upsert: Rows to add or change, with the fields to set. A row without an id gets a new one.
        delete: Ids of rows to remove; for `contact_tags` objects with `contact_id` and `tag_id`, for
            `email_address_statuses` the addresses.
        touch: Set the times of creation and change, as a write call would.

    Returns:
        The number of rows that changed.

    Raises:
        BadRecordsError: If the collection or a row can't be planted.
    """
    if collection == "contact_tags":
        return _plant_tags(account, upsert, delete)
    record = next((one for one, name in _SINGULAR.items() if collection == f"{name}_custom_fields"), None)
    if record is not None:
        return _plant_fields(account, record, upsert, delete)
    table = account.tables.get(collection)
    if table is None and collection in {*truth.names(), *reports.names()}:
        raise BadRecordsError(
            f"the rows of {collection} follow from the records that REST shows: plant those"
        )
    if table is None:
        raise BadRecordsError(
            f"cannot plant into {collection!r}; there are: {', '.join(account.tables)}, contact_tags, "
            "contact_custom_fields and those of the other records"
        )
    changed = 0
    for row in upsert:
        _plant_row(account, collection, table, row, touch=touch)
        changed += 1
    for key in delete:
        number = parse_id(str(key)) if not collection_of(collection).known_by else _known(table, str(key))
        changed += account.delete(collection, number)
    return changed


def _known(table: Table, name: str) -> int:
    """Return the key of the row without an id that has a name; -1 if there is none."""
    return next(iter(table.children(collection_of(table.name).known_by, name)), -1)


def _plant_fields(account: Account, record: str, upsert: Sequence[Row], delete: Iterable[object]) -> int:
    fields, keys = account.custom_fields[record], [str(key) for key in delete]
    try:
        for row in upsert:
            fields.plant(row)
        for key in keys:
            fields.delete(key)
    except KeapError as error:
        raise BadRecordsError(error.message) from None
    finally:
        rows_changed(account.tables, record)
    return len(upsert) + len(keys)


def _plant_row(account: Account, collection: str, table: Table, row: Row, *, touch: bool) -> None:
    declared = collection_of(collection)
    known = row.get(declared.key) if declared.key else None
    key = table.new_key() if known is None else parse_id(str(known))
    if key < 0:
        raise BadRecordsError(f"id {known!r} is not a positive number")
    if declared.known_by and (named := _known(table, str(row.get(declared.known_by)))) >= 0:
        key = named
    new = key not in table
    full = dict(account.blank(collection) if new else account.full(collection, key))
    if known is None and (declared.key in full or collection in truth.names()):
        full[declared.key] = str(key)
    # What is planted stays as it is; the other parts of the row still follow changes elsewhere
    for part, names in (
        ("custom_fields", {"custom_fields"}),
        ("tags", {"tag_ids", "groups"}),
        ("links", {"links"}),
        ("options", {"options"}),
        ("plans", {"subscription_plans"}),
        ("dates", {"next_bill_date", "next_expense_time"}),
    ):
        if names & set(row):
            account.planted.add((collection, key, part))
    if touch:
        full |= {name: account.now() for name in (declared.updated,) if name in full}
        full |= {name: account.now() for name in (declared.created,) if new and name in full}
    full |= row
    table.put(key, full)
    account.changed(collection, full)
    if new and collection == "contacts":
        account.taggings.forget_contact(key)


def _plant_tags(account: Account, upsert: Sequence[Row], delete: Iterable[object]) -> int:
    changed = 0
    for row in upsert:
        contact, tag = parse_id(str(row.get("contact_id"))), parse_id(str(row.get("tag_id")))
        if contact not in account.contacts or tag not in account.tags:
            raise BadRecordsError(
                f"contact_tags needs contact_id and tag_id of existing records, not {row!r}"
            )
        given = row.get("applied_at")
        moment = parse_moment(given, bare_date=True) if isinstance(given, str) else account.clock.millis()
        if moment is None:
            raise BadRecordsError(f"applied_at {given!r} is not a date-time")
        account.taggings.remove(contact, tag)
        account.taggings.apply(contact, tag, moment)
        changed += 1
    for pair in delete:
        if not isinstance(pair, dict):
            raise BadRecordsError("contact_tags are deleted by {contact_id, tag_id}")
        changed += account.taggings.remove(
            parse_id(str(pair.get("contact_id"))), parse_id(str(pair.get("tag_id")))
        )
    return changed
