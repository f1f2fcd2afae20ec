"""The truth about the account, for tests: all rows of a collection, and planting rows as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.sandbox.calls import key_of
from tap_infusionsoft.sandbox.clock import iso, parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_infusionsoft.sandbox.account import Account
    from tap_infusionsoft.sandbox.tables import Row, Table

__all__ = ["BadRecordsError", "count_all", "plant", "records"]


class BadRecordsError(ValueError):
    """A collection or a row that cannot be read or planted."""


def _models(account: Account) -> dict[str, list[Row]]:
    names = {"contacts": "contact", "companies": "company", "affiliates": "affiliate"}
    return {
        f"{names[record]}_custom_fields": list(fields) for record, fields in account.custom_fields.items()
    }


def _company_tags(account: Account) -> list[Row]:
    return [
        {"company_id": str(company), "tag_id": str(tag), "applied_at": iso(moment)}
        for company, tags in account.company_tags.items()
        for tag, moment in tags.items()
    ]


def count_all(account: Account) -> dict[str, int]:
    """All collections and how many rows they have."""
    counts = {name: len(table) for name, table in account.tables.items()}
    counts["contact_tags"] = len(account.pairs().keys())
    counts["company_tags"] = sum(len(tags) for tags in account.company_tags.values())
    counts["report_rows"] = sum(len(search.keys()) for search in account.saved_searches.values())
    return counts | {name: len(fields) for name, fields in _models(account).items()}


def records(account: Account, collection: str, report_id: str = "", *, ids_only: bool = False) -> list[Any]:
    """Every row of a collection, in full."""
    if collection in account.tables:
        keys = account.tables[collection].keys()
        if ids_only:
            return [str(key) for key in keys]
        return [account.full(collection, key) for key in keys]
    if collection == "contact_tags":
        pairs = account.pairs()
        return [pairs.row(key) for key in pairs.keys()]  # noqa: SIM118 - a source is no dict
    if collection == "company_tags":
        return _company_tags(account)
    if collection == "report_rows":
        search = account.saved_searches.get(key_of(report_id))
        if search is None:
            known = ", ".join(map(str, account.saved_searches))
            raise BadRecordsError(f"report_rows needs report_id, one of {known}")
        return [search.values(key) for key in search.keys()]  # noqa: SIM118 - a search is no dict
    models = _models(account)
    if collection in models:
        rows = models[collection]
        return [row["id"] for row in rows] if ids_only else rows
    raise BadRecordsError(f"no collection {collection!r}; there are: {', '.join(count_all(account))}")


def plant(
    account: Account,
    collection: str,
    upsert: Sequence[Row] = (),
    delete: Iterable[object] = (),
    *,
    touch: bool = False,
) -> int:
    """Put rows into a collection as they are, or take rows out; returns how many changed."""
    if collection == "contact_tags":
        return _plant_tags(account, upsert, delete)
    table = account.tables.get(collection)
    if table is None:
        raise BadRecordsError(
            f"cannot plant into {collection!r}; there are: {', '.join(account.tables)}, contact_tags"
        )
    changed = 0
    for row in upsert:
        _plant_row(account, collection, table, row, touch=touch)
        changed += 1
    for key in delete:
        changed += account.delete(collection, key_of(str(key)))
    return changed


def _plant_row(account: Account, collection: str, table: Table, row: Row, *, touch: bool) -> None:
    known = row.get("id")
    key = table.new_key() if known is None else key_of(str(known))
    if key < 0:
        raise BadRecordsError(f"id {known!r} is not a positive number")
    fresh = key not in table
    full = dict(account.blank(collection) if fresh else account.full(collection, key))
    if known is None and "id" in full:
        full["id"] = str(key)
    # What is planted stays as it is; the rest of the row goes on living
    if "custom_fields" in row:
        account.planted.add((collection, key, "custom_fields"))
    if {"tag_ids", "groups"} & set(row):
        account.planted.add((collection, key, "tags"))
    if touch:
        full |= {name: account.now() for name in ("update_time",) if name in full}
        full |= {name: account.now() for name in ("create_time",) if fresh and name in full}
    full |= row
    table.put(key, full)
    if fresh and collection == "contacts":
        account.taggings.forget_contact(key)


def _plant_tags(account: Account, upsert: Sequence[Row], delete: Iterable[object]) -> int:
    changed = 0
    for row in upsert:
        contact, tag = key_of(str(row.get("contact_id"))), key_of(str(row.get("tag_id")))
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
            key_of(str(pair.get("contact_id"))), key_of(str(pair.get("tag_id")))
        )
    return changed
