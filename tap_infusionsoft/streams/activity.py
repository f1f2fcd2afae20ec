"""Notes, tasks and appointments."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Crawl
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
    about="Notes about contacts, with their custom fields.",
    path="/v2/notes",
    items="notes",
    changes=NewestFirst(key="update_time", order_by="update_time"),
    crawl=Crawl(filter="id"),
    custom_fields="/v2/notes/model",
    fields=frozenset(["custom_fields"]),
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
    path="/v2/tasks",
    items="tasks",
    changes=NewestFirst(key="modification_time", order_by="update_time"),
    crawl=Crawl(filter="id"),
    custom_fields="/v2/tasks/model",
    fields=frozenset(["custom_fields"]),
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
    about="Appointments, of all users.",
    path="/v2/taskAppointments",
    items="taskAppointments",
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
    about="Appointments of the key's own user, from REST v1.",
    path="/v1/appointments",
    items="appointments",
    key=(),
    changes=Happened(key="start_date", since="since", until="until"),
    paging="offset",
    default=False,
    row_key=(
        "contact_id",
        "user",
        "start_date",
        "end_date",
        "title",
    ),
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
    path="/v2/notes/templates",
    items="note_templates",
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
