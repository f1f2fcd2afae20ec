"""Read calls for notes, tasks, appointments, opportunities with their stages, and referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.filtering.filters import (
    ANY_OPS,
    RANGE_OPS,
    Condition,
    Filter,
    Flag,
    Has,
    Key,
    Keys,
    Link,
    Moment,
    Number,
    Since,
    Text,
    Until,
)  # fmt: skip
from keap_sandbox.lists.v1 import V1Listing
from keap_sandbox.lists.v2 import Listing, Sparse, children
from keap_sandbox.responses import bad_request
from keap_sandbox.tables import moment_of
from keap_sandbox.timestamps import iso_offset

if TYPE_CHECKING:
    from keap_sandbox.request import Route
    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row

__all__ = [
    "AFFILIATE_REFERRALS", "CONTACT_NOTES", "NOTES", "OPPORTUNITIES", "REFERRALS", "STAGES", "TASKS",
    "appointment_v1", "routes",
]  # fmt: skip


def _sparse(*default: str, optional: tuple[str, ...], legacy: tuple[str, ...] = ()) -> Sparse:
    """Return the fields by default, and add optional ones on request."""
    return Sparse(
        allowed=lambda switches: (*optional, *legacy) if switches.legacy_opportunities == "on" else optional,
        default=default,
        adds=lambda _: True,
    )


_NOTE_FIELDS = _sparse(
    "id", "text", "title", "type", "contact_id", "assigned_to_user", "create_time", "update_time",
    "last_updated_by_user_id", "pinned_at", "created_by_user_id",
    optional=("custom_fields",),
)  # fmt: skip
_NOTE_FILTERS: dict[str, Filter] = {
    "id": Key(ops=ANY_OPS),
    "ids": Keys(),
    "title": Text("title", prefix=True, contains=True),
    "contact_id": Link("contact_id"),
    "assigned_to_user_id": Text("assigned_to_user.id"),
    "since_time": Since("update_time"),
    "until_time": Until("update_time"),
}
_NOTE_ORDER = {"id": "", "create_time": "create_time", "update_time": "update_time"}

NOTES = Listing(
    path="/v2/notes",
    items="notes",
    collection="notes",
    filters=_NOTE_FILTERS,
    order_by=_NOTE_ORDER,
    sparse=_NOTE_FIELDS,
    singular="Note",
)

CONTACT_NOTES = Listing(
    path="/v2/contacts/{contact_id}/notes",
    items="notes",
    collection="notes",
    source=children("notes", "contact_id", "contacts", "contact_id"),
    filters=_NOTE_FILTERS,
    order_by=_NOTE_ORDER,
    sparse=_NOTE_FIELDS,
    by_id="note_id",
    singular="Note",
)

NOTE_TEMPLATES = Listing(path="/v2/notes/templates", items="note_templates", collection="note_templates")

TASKS = Listing(
    path="/v2/tasks",
    items="tasks",
    collection="tasks",
    filters={
        "contact_id": Link("contact_id"),
        "has_due_date": Has("due_time"),
        "is_completed": Flag("completed"),
        "user_id": Text("assigned_to_user_id", nobody="UNASSIGNED"),
        "opportunity_id": Link("opportunity_id"),
        "task_ids": Keys(),
        "priority": Text("priority", among=("CRITICAL", "ESSENTIAL", "NONESSENTIAL")),
        "since_time": Since("modification_time"),
        "until_time": Until("modification_time"),
        "id": Key(ops=RANGE_OPS),
        "title": Text("title", prefix=True),
    },
    order_by={
        "id": "",
        "create_time": "create_time",
        "due_time": "due_time",
        "update_time": "modification_time",
    },
    sparse=_sparse(
        "id", "title", "description", "type", "priority", "completed", "create_time", "modification_time",
        "completion_time", "due_time", "remind_time_mins", "assigned_to_user_id", "created_by_user_id",
        "last_updated_by_user_id", "contact_id", "opportunity_id", "accepted",
        optional=("custom_fields",),
    ),
    by_id="task_id",
    singular="Task",
)  # fmt: skip

_APPOINTMENT_TIMES = ("start_time", "end_time", "create_time", "update_time")
APPOINTMENTS = Listing(
    path="/v2/taskAppointments",
    items="taskAppointments",
    collection="appointments",
    filters={
        "contact_id": Link("contact_id"),
        "user_id": Text("user_id"),
        **{name: Moment(name, RANGE_OPS) for name in _APPOINTMENT_TIMES},
    },
    order_by={name: name for name in _APPOINTMENT_TIMES},
)


def _number(row: Row, name: str) -> int | None:
    text = row.get(name)
    return int(text) if isinstance(text, str) and text.isdigit() else None


def _v1_time(row: Row, name: str) -> str | None:
    moment = moment_of(row.get(name))
    return None if moment is None else iso_offset(moment)


def appointment_v1(row: Row) -> Row:
    """Return an appointment in the form of REST v1."""
    return {
        "contact_id": _number(row, "contact_id"),
        "description": row.get("description"),
        "end_date": _v1_time(row, "end_time"),
        "location": row.get("location"),
        "remind_time": row.get("remind_time"),
        "start_date": _v1_time(row, "start_time"),
        "title": row.get("title"),
        "user": _number(row, "user_id"),
    }


APPOINTMENTS_V1 = V1Listing(
    path="/v1/appointments",
    items="appointments",
    source=lambda account, _: account.tables["appointments"],
    row=appointment_v1,
    time="start_time",
    equal={"contact_id": "contact_id"},
)


def _check_ids(conditions: list[Condition], _: Switches) -> None:
    names = {condition.name for condition in conditions}
    if {"ids", "opportunity_id"} <= names:
        raise bad_request("opportunity_id and ids exclude each other", "filter")


def _contact_text(field: str) -> Text:
    return Text(f"contact.{field}", prefix=True)


OPPORTUNITIES = Listing(
    path="/v2/opportunities",
    items="opportunities",
    collection="opportunities",
    filters={
        "stage_id": Text("stage.id"),
        "user_id": Text("user.id"),
        "contact_id": Link("contact.id"),
        "opportunity_title": Text("opportunity_title", prefix=True),
        "lead_source_name": Text("lead_source", prefix=True),
        "affiliate_id": Text("affiliate_id"),
        "opportunity_id": Key(ops=RANGE_OPS),
        "ids": Keys(most=100),
        "contact_phone": _contact_text("phone_number"),
        "contact_city": _contact_text("city"),
        "contact_state": _contact_text("state"),
        "projected_revenue_high": Number("projected_revenue_high", RANGE_OPS),
        "projected_revenue_low": Number("projected_revenue_low", RANGE_OPS),
    },
    order_by={
        "next_action_time": "next_action_time",
        "contact_name": "contact.last_name",
        "opportunity_title": "opportunity_title",
        "created_time": "created_time",
        "update_time": "last_updated_time",
    },
    sparse=_sparse(
        "id", "contact", "stage", "user", "opportunity_title", "next_action_time", "next_action_notes",
        "opportunity_notes", "estimated_close_time", "include_in_forecast", "projected_revenue_low",
        "projected_revenue_high", "created_time", "last_updated_time", "affiliate_id", "lead_source",
        optional=("custom_fields", "created_by", "last_updated_by", "status_id"),
        legacy=("monthly_revenue", "order_revenue", "objection", "status", "stage_entrance_time"),
    ),
    by_id="opportunity_id",
    singular="Opportunity",
    check=_check_ids,
)  # fmt: skip

STAGES = Listing(
    path="/v2/opportunities/stages",
    items="stages",
    collection="opportunity_stages",
    filters={
        "opportunity_stage_name": Text("name", prefix=True),
        "opportunity_stage_id": Key(ops=RANGE_OPS),
    },
    order_by={"stage_order": "order"},
    by_id="stage_id",
    singular="Stage",
)

STAGE_MOVES = Listing(
    path="/v2/opportunities/stageMoves",
    items="stage_moves",
    collection="opportunity_stage_moves",
    filters={"opportunity_id": Link("opportunity_id"), "user_id": Text("user_id")},
    order_by={"id": "", "move_date": "move_time"},
    by_id="stage_move_id",
    singular="Stage move",
)

REFERRALS = Listing(
    path="/v2/referrals",
    items="referrals",
    collection="referrals",
    filters={
        "referral_partner_id": Number("referral_partner_id", ANY_OPS),
        "contact_id": Number("contact_id", ANY_OPS),
        "source": Text("source", prefix=True),
        "description": Text("description", prefix=True),
        "type": Text("referral_type", among=("COOKIE", "MANUAL", "PERMANENT")),
    },
    order_by={"id": "", "referral_time": "referral_time"},
)

AFFILIATE_REFERRALS = Listing(
    path="/v2/affiliates/{affiliate_id}/referrals",
    items="referrals",
    collection="referrals",
    source=children("referrals", "referral_partner_id", "affiliates", "affiliate_id"),
    filters={"source": Text("source", prefix=True)},
    order_by={"id": "", "referral_time": "referral_time"},
)


def routes() -> list[Route]:
    """Return the read calls for notes, tasks, appointments, opportunities and referrals."""
    lists = (
        NOTES, CONTACT_NOTES, NOTE_TEMPLATES, TASKS, APPOINTMENTS, APPOINTMENTS_V1, OPPORTUNITIES, STAGES,
        STAGE_MOVES, REFERRALS, AFFILIATE_REFERRALS,
    )  # fmt: skip
    return [route for listing in lists for route in listing.routes()]
