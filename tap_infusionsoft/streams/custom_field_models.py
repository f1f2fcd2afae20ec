"""The custom fields of every kind of record, and their groups and tabs."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerValue, Wire
from tap_infusionsoft.streams.columns import array, integer, key, nested, text
from tap_infusionsoft.streams.relations import id_of, other_id

# Notes, tasks and appointments share one set of fields. Keap returns it under both notes and tasks.
RECORDS = (
    "affiliates",
    "companies",
    "contacts",
    "notes",
    "opportunities",
    "orders",
    "subscriptions",
    "tasks",
)
_EACH_RECORD = tuple({"record": record} for record in RECORDS)
_RECORD = key("Kind of record, as in Keap's URLs.")
_RECORD_TYPE = text("Keap's name for the kind of record, such as CONTACT or TASK_NOTE_APPOINTMENT.")

CUSTOM_FIELDS = Collection(
    name="custom_fields",
    about="Custom fields of all kinds of records: label, type and choices.",
    endpoint=Endpoint("/v2/{record}/model", items="custom_fields", paging="none"),
    key=("record", "id"),
    slices=PerValue(_EACH_RECORD),
    wire=Wire(left_out={"optional_properties": "names of the properties that Keap sends on request"}),
    properties={
        "record": _RECORD,
        "id": key("Id of the field, which its values refer to."),
        "label": text("Label shown in Keap."),
        "field_name": text("Name in the database and in filters."),
        "field_type": text(
            "Type of the field, such as TEXT, DATE or LIST_BOX. Keap adds types to this list."
        ),
        "record_type": _RECORD_TYPE,
        "group_id": id_of("custom_field_groups", "Id of the group that the field is in."),
        "group_name": text("Name of that group."),
        "default_value": text("Value of the field in new records; null for none."),
        "options": array(
            nested(
                {
                    "id": other_id("Id of the choice.", "Choices are in this list only."),
                    "label": text("Label of the choice, shown in Keap."),
                }
            ),
            "Choices of a field that has any.",
        ),
    },
)

CUSTOM_FIELD_GROUPS = Collection(
    name="custom_field_groups",
    about="Groups (headers) of custom fields.",
    endpoint=Endpoint("/v2/{record}/model/customFields/groups", items="groups", paging="none"),
    key=("record", "id"),
    slices=PerValue(_EACH_RECORD),
    selected_by_default=False,
    properties={
        "record": _RECORD,
        "id": key("Id of the group."),
        "name": text("Name of the group."),
        "position": integer("Position of the group in its tab."),
        "tab_id": id_of("custom_field_tabs", "Id of the tab that the group is in."),
        "record_type": _RECORD_TYPE,
    },
    wire=Wire(renamed={"position": "order"}),
)

CUSTOM_FIELD_TABS = Collection(
    name="custom_field_tabs",
    about="Tabs that contain the groups of custom fields.",
    endpoint=Endpoint("/v2/{record}/model/customFields/tabs", items="tabs", paging="none"),
    key=("record", "id"),
    slices=PerValue(_EACH_RECORD),
    selected_by_default=False,
    properties={
        "record": _RECORD,
        "id": key("Id of the tab."),
        "name": text("Name of the tab."),
        "position": integer("Position of the tab."),
        "record_type": _RECORD_TYPE,
    },
    wire=Wire(renamed={"position": "order"}),
)

COLLECTIONS = (CUSTOM_FIELDS, CUSTOM_FIELD_GROUPS, CUSTOM_FIELD_TABS)
