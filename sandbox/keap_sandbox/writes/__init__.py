"""Keap's own write calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.writes import activity, models, people, sales, shop, subscriptions, tagging

if TYPE_CHECKING:
    from keap_sandbox.request import Route

__all__ = ["routes"]


def routes() -> list[Route]:
    """All write calls."""
    areas = (tagging, people, sales, subscriptions, activity, shop, models)
    return [route for area in areas for route in area.routes()]
