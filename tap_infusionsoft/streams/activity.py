"""Notes, tasks and appointments."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, Fields
from tap_infusionsoft.streams.columns import flag, integer, key, moment, nested, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.relations import id_of, ids_of
from tap_infusionsoft.streams.replication import Happened, NewestFirst, Updated
from tap_infusionsoft.streams.shared_columns import CUSTOM_FIELD_VALUES

NOTES = Collection(
    name="notes",
    about="Notes on contacts, with their custom fields.",
    endpoint=Endpoint(
        "/v2/notes", items="notes", by_id=ById(filter="id"), fields=Fields(names=frozenset(["custom_fields"]))
    ),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    custom_fields="/v2/notes/model",
    properties={
        "id": key("Id of the note."),
        "text": text("Text of the note."),
        "title": text("Title of the note."),
        "type": text("Type of note, such as Call or Letter; null if it has none."),
        "contact_id": id_of("contacts", "Id of the contact that the note is on."),
        "assigned_to_user": nested(
            {
                "id": id_of("users", "Id of the user."),
                "given_name": text("First name."),
                "family_name": text("Last name."),
                "email_address": text("Email address."),
            },
            "The user to whom the note is assigned; null for nobody.",
        ),
        "assigned_to_user_id": flat(
            "assigned_to_user.id",
            id_of("users", "Id of the user to whom the note is assigned; null for nobody."),
        ),
        "create_time": moment("When the note was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
        "last_updated_by_user_id": id_of("users", "Id of the user who last changed the note."),
        "pinned_at": moment("When the note was pinned; null if it is not pinned."),
        "created_by_user_id": id_of("users", "Id of the user who created the note."),
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
        "id": key("Id of the task."),
        "title": text("Title of the task."),
        "description": text("Description of the task. XML-RPC called it CreationNotes."),
        "type": text("Type of task, such as Call or Email; null if it has none."),
        "priority": text("CRITICAL, ESSENTIAL or NONESSENTIAL."),
        "completed": flag("Whether the task is done."),
        "create_time": moment("When the task was created."),
        "modification_time": moment("Time of the last change. This is the bookmark."),
        "completion_time": moment("When the task was done; null if it is not."),
        "due_time": moment("When the task is due; null if it has no due time."),
        "remind_time_mins": integer("Minutes before the due time at which to remind; null for no reminder."),
        "assigned_to_user_id": id_of("users", "Id of the user who is to do it; null if it is unassigned."),
        "created_by_user_id": id_of("users", "Id of the user who created the task."),
        "last_updated_by_user_id": id_of("users", "Id of the user who last changed the task."),
        "contact_id": id_of(
            "contacts", "Id of the contact that the task is about; null if it is about none."
        ),
        "opportunity_id": id_of(
            "opportunities", "Id of the opportunity that the task is about; null if it is about none."
        ),
        "accepted": flag("Whether the task has been accepted."),
        "custom_fields": CUSTOM_FIELD_VALUES,
    },
)

APPOINTMENTS = Collection(
    name="appointments",
    about="Appointments of all users.",
    endpoint=Endpoint("/v2/taskAppointments", items="taskAppointments"),
    changes=Updated(key="update_time", since="update_time>=", until="update_time<=", order_by="update_time"),
    properties={
        "id": key("Id of the appointment."),
        "title": text("Title of the appointment."),
        "description": text("Description of the appointment."),
        "location": text("Where it takes place."),
        "contact_id": id_of("contacts", "Id of the contact; null if it is with none."),
        "user_id": id_of("users", "Id of the user whose appointment it is."),
        "start_time": moment("When it begins."),
        "end_time": moment("When it ends."),
        "create_time": moment("When the appointment was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
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
        "contact_id": id_of("contacts", "Id of the contact; null if it is with none."),
        "description": text("Description of the appointment."),
        "end_date": moment("When it ends, with the time of day."),
        "location": text("Where it takes place."),
        "remind_time": integer("Minutes before the beginning at which to remind; null for no reminder."),
        "start_date": moment("When it begins, with the time of day. This is the bookmark."),
        "title": text("Title of the appointment."),
        "user": id_of("users", "Id of the user to remind."),
    },
)

NOTE_TEMPLATES = Collection(
    name="note_templates",
    about="Templates for notes.",
    endpoint=Endpoint("/v2/notes/templates", items="note_templates"),
    properties={
        "id": key("Id of the template."),
        "title": text("Title of the template."),
        "description": text("Description of the template."),
        "action_type": text("Type of note, such as Call."),
        "assignment_user_id": id_of(
            "users", "Id of the user to whom its notes are assigned; null for nobody."
        ),
        "notify_users": ids_of("users", "Ids of the users to notify."),
    },
)

COLLECTIONS = (
    NOTES,
    TASKS,
    APPOINTMENTS,
    APPOINTMENTS_V1,
    NOTE_TEMPLATES,
)
