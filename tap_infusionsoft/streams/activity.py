"""Notes, tasks and appointments."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, Fields
from tap_infusionsoft.streams.columns import (
    CUSTOM_FIELD_VALUES,
    array,
    flag,
    integer,
    key,
    moment,
    nested,
    text,
)
from tap_infusionsoft.streams.replication import Happened, NewestFirst, Updated

NOTES = Collection(
    name="notes",
    about="Notes on contacts, with their custom fields.",
    endpoint=Endpoint(
        "/v2/notes", items="notes", by_id=ById(filter="id"), fields=Fields(names=frozenset(["custom_fields"]))
    ),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    custom_fields="/v2/notes/model",
    properties={
        "id": key(),
        "text": text(),
        "title": text(),
        "type": text(),
        "contact_id": text(),
        "assigned_to_user": nested(
            {"id": text(), "given_name": text(), "family_name": text(), "email_address": text()}
        ),
        "create_time": moment(),
        "update_time": moment(),
        "last_updated_by_user_id": text(),
        "pinned_at": moment(),
        "created_by_user_id": text(),
        "custom_fields": CUSTOM_FIELD_VALUES,
    },
)

TASKS = Collection(
    name="tasks",
    about="Tasks, with their custom fields.",
    endpoint=Endpoint(
        "/v2/tasks", items="tasks", by_id=ById(filter="id"), fields=Fields(names=frozenset(["custom_fields"]))
    ),
    changes=NewestFirst(key="modification_time", order_by="update_time"),
    custom_fields="/v2/tasks/model",
    properties={
        "id": key(),
        "title": text(),
        "description": text(),
        "type": text(),
        "priority": text(),
        "completed": flag(),
        "create_time": moment(),
        "modification_time": moment(),
        "completion_time": moment(),
        "due_time": moment(),
        "remind_time_mins": integer(),
        "assigned_to_user_id": text(),
        "created_by_user_id": text(),
        "last_updated_by_user_id": text(),
        "contact_id": text(),
        "opportunity_id": text(),
        "accepted": flag(),
        "custom_fields": CUSTOM_FIELD_VALUES,
    },
)

APPOINTMENTS = Collection(
    name="appointments",
    about="Appointments of all users.",
    endpoint=Endpoint("/v2/taskAppointments", items="taskAppointments"),
    changes=Updated(key="update_time", since="update_time>=", until="update_time<=", order_by="update_time"),
    properties={
        "id": key(),
        "title": text(),
        "description": text(),
        "location": text(),
        "contact_id": text(),
        "user_id": text(),
        "start_time": moment(),
        "end_time": moment(),
        "create_time": moment(),
        "update_time": moment(),
    },
)

APPOINTMENTS_V1 = Collection(
    name="appointments_v1",
    about="Appointments of the user who owns the key, from REST v1.",
    endpoint=Endpoint("/v1/appointments", items="appointments", paging="offset"),
    changes=Happened(key="start_date", since="since", until="until"),
    key=(),
    row_key=(
        "contact_id",
        "user",
        "start_date",
        "end_date",
        "title",
    ),
    selected_by_default=False,
    properties={
        "contact_id": text(),
        "description": text(),
        "end_date": moment(),
        "location": text(),
        "remind_time": integer(),
        "start_date": moment(),
        "title": text(),
        "user": text(),
    },
)

NOTE_TEMPLATES = Collection(
    name="note_templates",
    about="Templates for notes.",
    endpoint=Endpoint("/v2/notes/templates", items="note_templates"),
    properties={
        "id": key(),
        "title": text(),
        "description": text(),
        "action_type": text(),
        "assignment_user_id": text(),
        "notify_users": array(text()),
    },
)

COLLECTIONS = (
    NOTES,
    TASKS,
    APPOINTMENTS,
    APPOINTMENTS_V1,
    NOTE_TEMPLATES,
)
