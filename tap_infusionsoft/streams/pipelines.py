"""Pipelines with their stages, deals and notes on deals, which came after opportunities.

Keap documented them up to its SDK keap-core-v2-sdk 1.0.20, from which these facts are; 1.0.21 left them out.
A tool of 2026 reads them below ``/services`` instead, so that address is the fallback of each.
"""

from __future__ import annotations

from msgspec.structs import replace

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import key, moment, nested, number, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.relations import id_of, ids_of, key_of

_UNDOCUMENTED = "Not in Keap's current document, and not served for every account."
_UNSERVED = (
    "Pipelines and deals are in an earlier document of Keap only, and this account does not serve them. "
    "Deselect this stream; opportunities are other records, in separate streams."
)


def _with_services(collection: Collection) -> Collection:
    """Return a collection with its other address as the fallback, marked as undocumented."""
    about = f"{collection.about} {_UNDOCUMENTED}"
    one = replace(collection, about=about, selected_by_default=False, unserved=_UNSERVED)
    other = replace(one, endpoint=replace(one.endpoint, path=f"/services{one.endpoint.path}"))
    return replace(one, fallback=other)


PIPELINES = _with_services(
    Collection(
        name="pipelines",
        about="Pipelines of deals.",
        endpoint=Endpoint("/v2/pipelines", items="pipelines"),
        wire=Wire(ignored=frozenset({"stages"})),  # pipeline_stages has them
        properties={
            "id": key("Id of the pipeline."),
            "name": text("Name of the pipeline."),
        },
    )
)

PIPELINE_STAGES = _with_services(
    Collection(
        name="pipeline_stages",
        about="Stages of pipelines (one call per pipeline).",
        endpoint=Endpoint("/v2/pipelines/{pipeline_id}/stages", items="stages"),
        slices=PerParent(stream="pipelines", columns={"pipeline_id": "id"}),
        properties={
            "id": key("Id of the stage."),
            "name": text("Name of the stage."),
            "pipeline_id": key_of("pipelines", "Id of the pipeline."),
        },
    )
)

PIPELINE_OUTCOMES = _with_services(
    Collection(
        name="pipeline_outcomes",
        about="What the outcomes of deals are called in each pipeline (one call per pipeline).",
        endpoint=Endpoint("/v2/pipelines/{pipeline_id}/outcomes", items="outcome_labels"),
        key=("pipeline_id", "value"),
        slices=PerParent(stream="pipelines", columns={"pipeline_id": "id"}),
        properties={
            "pipeline_id": key_of("pipelines", "Id of the pipeline."),
            "value": key("Status of deals that the label is for: ACTIVE, WON or LOST (deals.status)."),
            "label": text("What the account calls it; null if it has no name for it."),
        },
    )
)

DEALS = _with_services(
    Collection(
        name="deals",
        about="Deals in the stages of pipelines (two calls per stage).",
        endpoint=Endpoint("/v2/stages/{stage_id}/deals", items="deals"),
        slices=PerParent(
            stream="pipeline_stages", columns={"stage_id": "id", "pipeline_id": "pipeline_id"}, rows_move=True
        ),
        wire=Wire(renamed={"custom_field_values": "custom_fields"}),
        properties={
            "id": key("Id of the deal."),
            "name": text("Name of the deal."),
            "value": nested(
                {
                    "amount": number("The amount. Keap does not say whether in whole units or in cents."),
                    "currency": text("Currency, such as USD."),
                },
                "What the deal is worth, in the unit that Keap sends.",
            ),
            "value_amount": flat(
                "value.amount",
                number("What the deal is worth. Keap does not say whether in whole units or in cents."),
            ),
            "value_currency": flat("value.currency", text("Currency of the value, such as USD.")),
            "contact_ids": ids_of("contacts", "Ids of the deal's contacts."),
            "stage_id": key_of("pipeline_stages", "Id of the stage it is in."),
            "pipeline_id": id_of("pipelines", "Id of the pipeline of that stage."),
            "stage_assignment_time": moment("When it came into that stage."),
            "owner_ids": ids_of("users", "Ids of the users who own it."),
            "task_ids": ids_of("tasks", "Ids of its tasks."),
            "order_id": id_of("orders", "Id of its order; null without one."),
            "status": text("ACTIVE, WON or LOST."),
            "estimated_close_time": moment("When it is expected to be closed; null if nobody said so."),
            "closed_time": moment("When it was won or lost; null while it is active."),
            "custom_field_values": text(
                "JSON text: the values of its custom fields by the id of the field. The fields of deals have "
                "a model of their own, which no stream reads."
            ),
        },
    )
)

DEAL_NOTES = _with_services(
    Collection(
        name="deal_notes",
        about="Notes on deals (one call per deal).",
        endpoint=Endpoint("/v2/deals/{deal_id}/notes", items="notes"),
        slices=PerParent(stream="deals", columns={"deal_id": "id"}),
        properties={
            "id": key("Id of the note."),
            "deal_id": key_of("deals", "Id of the deal."),
            "body": text("Text of the note."),
            "created_by": id_of("users", "Id of the user who wrote it."),
            "created_time": moment("When it was written."),
            "modified_time": moment("When it was last changed. Keap cannot filter notes by it."),
        },
    )
)

COLLECTIONS = (
    PIPELINES,
    PIPELINE_STAGES,
    PIPELINE_OUTCOMES,
    DEALS,
    DEAL_NOTES,
)
