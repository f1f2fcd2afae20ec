"""Notes, tasks and appointments, which are one table here; files, email addresses, social accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.tables import Row, moment_of
from keap_sandbox.timestamps import iso
from keap_sandbox.xmlrpc.tables.cells import ALL, codes, enum, ident, long, text, time, whole
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each, mixed, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox.account import Account

__all__ = ["TABLES"]

_ALL_KINDS = {
    "id": "id",
    "contact_id": "contact_id",
    "title": "title",
    "created": "create_time",
    "custom_fields": "custom_fields",
}
_KINDS = {
    "notes": _ALL_KINDS
    | {
        "type": "type",
        "notes": "text",
        "user_id": "assigned_to_user.id",
        "created_by": "created_by_user_id",
        "updated": "update_time",
        "updated_by": "last_updated_by_user_id",
    },
    "tasks": _ALL_KINDS
    | {
        "type": "type",
        "notes": "description",
        "user_id": "assigned_to_user_id",
        "created_by": "created_by_user_id",
        "updated": "modification_time",
        "updated_by": "last_updated_by_user_id",
        "date": "due_time",
        "remind_minutes": "remind_time_mins",
        "completed": "completion_time",
        "priority": "priority",
        "accepted": "accepted",
        "opportunity_id": "opportunity_id",
    },
    "appointments": _ALL_KINDS
    | {
        "notes": "description",
        "user_id": "user_id",
        "created_by": "user_id",
        "updated": "update_time",
        "updated_by": "user_id",
        "date": "start_time",
        "end": "end_time",
        "remind_minutes": "remind_time",
    },
}
"""Collection -> the fields of its records, under one name for all three, and where REST has them."""
_MINUTE = 60_000


def _popup(_: Account, row: Row) -> object:
    """Return when to remind the user, some minutes before the date."""
    moment, minutes = moment_of(row.get("date")), row.get("remind_minutes")
    return iso(moment - minutes * _MINUTE) if moment is not None and isinstance(minutes, int) else None


_ACTION = table(
    "ContactAction",
    mixed(**_KINDS),
    ident("Id", "id", "R"),
    whole("Accepted", "accepted"),
    time("ActionDate", "date"),
    text("ActionDescription", "title"),
    text("ActionType", "type"),
    time("CompletionDate", "completed"),
    ident("ContactId", "contact_id"),
    ident("CreatedBy", "created_by"),
    time("CreationDate", "created"),
    text("CreationNotes", "notes"),
    time("EndDate", "end"),
    whole("IsAppointment", lambda _, row: row["of"] == "appointments"),
    time("LastUpdated", "updated", "R"),
    ident("LastUpdatedBy", "updated_by", "R"),
    enum("ObjectType", codes("of", notes="Note", tasks="Task", appointments="Appointment")),
    ident("OpportunityId", "opportunity_id"),
    time("PopupDate", _popup),
    whole("Priority", codes("priority", CRITICAL=1, ESSENTIAL=2, NONESSENTIAL=3)),
    ident("UserID", "user_id"),
    access=ALL,
    record="notes",
    needs=("users",),
)


def _extension(_: Account, row: Row) -> object:
    name, dot, extension = str(row.get("file_name")).rpartition(".")
    return extension if name and dot else None


_FILE = table(
    "FileBox",
    each("files"),
    ident("Id", "id"),
    ident("ContactId", "contact_id"),
    text("Extension", _extension),
    text("FileName", "file_name"),
    long("FileSize", "file_size"),
    whole("Public", "is_public"),
)


def _opt_status(_: Account, row: Row) -> object:
    """Return a status as a word: ``NonMarketable``. One who opted in twice has confirmed."""
    status = row.get("status")
    if not isinstance(status, str):
        return status
    return "Confirmed" if status == "DOUBLE_OPT_IN" else status.title().replace("_", "")


_EMAIL_STATUS = table(
    "EmailAddStatus",
    each("email_address_statuses", numbered=True),
    ident("Id", "id", inferred=True),
    time("DateCreated", "create_time", inferred=True),
    text("Email", "email", inferred=True),
    time("LastClickDate", "last_click_time", inferred=True),
    time("LastOpenDate", "last_open_time", inferred=True),
    time("LastSentDate", "last_sent_time", inferred=True),
    text("Type", _opt_status, inferred=True),
)

_LINK_TYPE = table(
    "LinkedContactType",
    each("contact_link_types"),
    ident("Id", "id", inferred=True),
    whole("MaxLinked", "max_links", inferred=True),
    text("TypeName", "name", inferred=True),
)


def _accounts(number: int, contact: Row) -> Iterator[tuple[int, Row]]:
    """Return a contact's accounts in social networks. REST shows no ids of them, which are made up here."""
    found = contact.get("social_accounts")
    for place, one in enumerate(found if isinstance(found, list) else (), 1):
        if isinstance(one, dict):
            key = number * 10 + place
            yield key, {"id": key, "account": one, "contact": contact}


def _network(_: Account, row: Row) -> object:
    name = str(row["account"].get("type"))
    return {"LINKED_IN": "LinkedIn", "YOUTUBE": "YouTube"}.get(name, name.title())


_SOCIAL = table(
    "SocialAccount",
    parts("contacts", _accounts),
    ident("Id", "id", inferred=True),
    text("AccountName", "account.name", inferred=True),
    text("AccountType", _network, inferred=True),
    ident("ContactId", "contact.id", inferred=True),
    time("DateCreated", "contact.create_time", inferred=True),
    time("LastUpdated", "contact.update_time", inferred=True),
)

TABLES = (_ACTION, _FILE, _EMAIL_STATUS, _LINK_TYPE, _SOCIAL)
