"""Read calls for pipelines, their stages and outcomes, deals and their notes, as Keap's SDK 1.0.20 has them.

Later documents lack them, so a switch says if they are served, and at which of two addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.lists.v2 import Listing, children
from keap_sandbox.responses import html_page

if TYPE_CHECKING:
    from keap_sandbox.request import Handler, Request, Route, World
    from keap_sandbox.responses import Response

__all__ = ["routes"]

PIPELINES = Listing(
    path="/v2/pipelines",
    items="pipelines",
    collection="pipelines",
    by_id="id",
    singular="Pipeline",
)
STAGES = Listing(
    path="/v2/stages", items="stages", collection="pipeline_stages", by_id="id", singular="Stage"
)
STAGES_OF_PIPELINE = Listing(
    path="/v2/pipelines/{pipeline_id}/stages",
    items="stages",
    collection="pipeline_stages",
    source=children("pipeline_stages", "pipeline_id", "pipelines", "pipeline_id"),
)
OUTCOMES = Listing(
    path="/v2/pipelines/{pipeline_id}/outcomes",
    items="outcome_labels",
    collection="pipeline_outcomes",
    source=children("pipeline_outcomes", "pipeline_id", "pipelines", "pipeline_id"),
    hidden=("pipeline_id",),
)
DEALS = Listing(
    path="/v2/stages/{stage_id}/deals",
    items="deals",
    collection="deals",
    source=children("deals", "stage_id", "pipeline_stages", "stage_id"),
)
DEALS_OF_CONTACT = Listing(
    path="/v2/deals/-/contacts/{contact_id}",
    items="deals",
    collection="deals",
    source=children("deals", "contact_ids", "contacts", "contact_id"),
)
DEAL = Listing(path="/v2/deals", items="deals", collection="deals", by_id="id", singular="Deal")
NOTES = Listing(
    path="/v2/deals/{deal_id}/notes",
    items="notes",
    collection="deal_notes",
    source=children("deal_notes", "deal_id", "deals", "deal_id"),
)
NOTE = Listing(
    path="/v2/deals/-/notes", items="notes", collection="deal_notes", by_id="note_id", singular="Note"
)


def _served(handler: Handler, address: str) -> Handler:
    """Return a handler that answers only if the switch `pipelines` names its address."""

    def handle(world: World, request: Request) -> Response:
        if world.switches.pipelines != address:
            return html_page(404, "Page Not Found", "The page you are looking for could not be found.")
        return handler(world, request)

    return handle


def routes() -> list[Route]:
    """Return the routes at both addresses."""
    found: list[Route] = []
    for listing in (PIPELINES, STAGES, STAGES_OF_PIPELINE, OUTCOMES, DEALS, DEALS_OF_CONTACT, NOTES):
        found += listing.routes()
    for listing in (DEAL, NOTE):  # there is no list of all of them
        found += [route for route in listing.routes() if route[1] != listing.path]
    return [
        (method, f"{prefix}{path}", _served(handler, address))
        for method, path, handler in found
        for prefix, address in (("", "v2"), ("/services", "services"))
    ]
