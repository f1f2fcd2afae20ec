"""Write calls for notes, tasks, opportunities, their stages, and referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.activity import CONTACT_NOTES, OPPORTUNITIES, REFERRALS, STAGES, TASKS
from keap_sandbox.request import World, parse_id
from keap_sandbox.timestamps import iso_offset
from keap_sandbox.writes.shapes import (
    BOOL,
    CUSTOM_FIELDS,
    INT,
    NUMBER,
    TEXT,
    date_time,
    integer,
    list_of,
    object_of,
    one_of,
    properties,
    required,
    texts,
)
from keap_sandbox.writes.writable import Writable, check_ids

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.request import Route
    from keap_sandbox.tables import Row

__all__ = ["routes"]

_API_USER = "1"  # the user of the credential


def _check_references(account: Account, body: Row, _: int | None) -> None:
    check_ids(
        account,
        body,
        contact_id="contacts",
        user_id="users",
        assigned_to_user_id="users",
        opportunity_id="opportunities",
        stage_id="opportunity_stages",
        affiliate_id="affiliates",
        referral_partner_id="affiliates",
    )


def _note(account: Account, row: Row, body: Row) -> Row:
    fields = {name: value for name, value in body.items() if name not in {"user_id", "is_pinned"}}
    if body.get("user_id"):
        fields["assigned_to_user"] = account.user(parse_id(body["user_id"]))
    if "is_pinned" in body:
        fields["pinned_at"] = (row.get("pinned_at") or account.now()) if body["is_pinned"] else None
    return fields | _written_by(row)


def _task(account: Account, row: Row, body: Row) -> Row:
    fields = body | _written_by(row)
    if body.get("completed") and not body.get("completion_time"):
        fields["completion_time"] = row.get("completion_time") or account.now()
    return fields


def _written_by(row: Row) -> Row:
    """Who created and who last updated a note or task."""
    return {
        "last_updated_by_user_id": _API_USER,
        "created_by_user_id": row.get("created_by_user_id") or _API_USER,
    }


def _opportunity(account: Account, row: Row, body: Row) -> Row:
    ids = ("contact_id", "stage_id", "user_id")
    fields = {name: value for name, value in body.items() if name not in ids}
    if body.get("contact_id"):
        fields["contact"] = account.customer(parse_id(body["contact_id"]))
    if body.get("user_id"):
        fields["user"] = account.short_user(parse_id(body["user_id"]))
    if body.get("stage_id") and body["stage_id"] != (row.get("stage") or {}).get("id"):
        fields["stage"] = account.stage(parse_id(body["stage_id"]))
        fields["stage_entrance_time"] = account.now()
    return fields | {"last_updated_by": _API_USER, "created_by": row.get("created_by") or _API_USER}


def _record_stage_move(world: World, key: int, before: Row | None, row: Row) -> None:
    """Add a stage move if the opportunity is in another stage than before."""
    account = world.account
    start = ((before or {}).get("stage") or {}).get("id") or "0"
    if start == row["stage"]["id"]:
        return
    table, now = account.tables["opportunity_stage_moves"], iso_offset(account.clock.millis())
    earlier = [table.row(move)["move_time"] for move in table.children("opportunity_id", str(key))]
    move = table.new_key()
    table.put(
        move,
        {
            "id": str(move),
            "opportunity_id": str(key),
            "move_time": now,
            "move_from_stage_id": start,
            "move_to_stage_id": row["stage"]["id"],
            "prev_stage_move_time": earlier[-1] if earlier else None,
            "user_id": (row.get("user") or {}).get("id") or _API_USER,
            "created_by": _API_USER,
            "create_time": now,
        },
    )


_OPPORTUNITY = {
    **texts(
        "opportunity_title", "next_action_time", "next_action_notes", "opportunity_notes",
        "estimated_close_time", "contact_id", "stage_id", "user_id", "affiliate_id",
    ),
    **properties(NUMBER, "projected_revenue_low", "projected_revenue_high"),
    "include_in_forecast": BOOL,
    "custom_fields": CUSTOM_FIELDS,
}  # fmt: skip

WRITABLE = (
    Writable(
        collection="notes",
        listing=CONTACT_NOTES,
        id_name="note_id",
        properties={
            "user_id": required(TEXT),
            **texts("title", "text", "type", "contact_id"),
            "is_pinned": BOOL,
            "custom_fields": CUSTOM_FIELDS,
        },
        validate=_check_references,
        to_fields=_note,
        from_path={"contact_id": "contact_id"},
    ),
    Writable(
        collection="tasks",
        listing=TASKS,
        id_name="task_id",
        properties={
            **texts(
                "title", "description", "type", "completion_time", "due_time", "assigned_to_user_id",
                "contact_id", "opportunity_id",
            ),
            "priority": one_of("CRITICAL", "ESSENTIAL", "NONESSENTIAL"),
            **properties(BOOL, "completed", "accepted"),
            "remind_time_mins": one_of(5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880),
            "custom_fields": CUSTOM_FIELDS,
        },
        required=("assigned_to_user_id",),
        validate=_check_references,
        to_fields=_task,
    ),
    Writable(
        collection="opportunities",
        listing=OPPORTUNITIES,
        id_name="opportunity_id",
        properties=_OPPORTUNITY,
        required=("contact_id", "opportunity_title", "stage_id"),
        validate=_check_references,
        to_fields=_opportunity,
        after_write=_record_stage_move,
    ),
    Writable(
        collection="opportunity_stages",
        listing=STAGES,
        id_name="stage_id",
        properties={
            "name": TEXT,
            "order": INT,
            "target_number_days": integer(0),
            "probability": integer(0, 100),
            "checklist_items": list_of(
                object_of(
                    {
                        "id": TEXT,
                        "description": required(TEXT),
                        "required": required(BOOL),
                        "order": required(INT),
                    }
                )
            ),
        },
        required=("name", "order", "target_number_days", "probability"),
    ),
    Writable(
        collection="referrals",
        listing=REFERRALS,
        id_name="id",
        properties={
            **texts("description", "source", "contact_id", "referral_partner_id", "ip_address"),
            **properties(date_time(), "referral_time", "expiration_time"),
            "referral_type": one_of("COOKIE", "MANUAL", "PERMANENT"),
        },
        required=("contact_id",),
        validate=_check_references,
        methods=("POST",),
    ),
)  # fmt: skip


def routes() -> list[Route]:
    """Return the write calls for notes, tasks, opportunities and referrals."""
    return [route for writable in WRITABLE for route in writable.routes()]
