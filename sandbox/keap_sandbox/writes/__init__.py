"""The API's write calls: create, update, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.writes import activity, models, people, sales, shop, subscriptions, tagging

if TYPE_CHECKING:
    from keap_sandbox.request import Route

__all__ = ["routes"]


def routes() -> list[Route]:
    """Return the routes of all write calls."""
    areas = (tagging, people, sales, subscriptions, activity, shop, models)
    return [route for area in areas for route in area.routes()]
