"""WebFormService, which knows the legacy web forms only. Source: the vendor's documentation of 2013."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.sample_data.marketing import webform_html
from keap_sandbox.xmlrpc.faults import not_found
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services.declaring import by_id, service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World
    from keap_sandbox.tables import Row

__all__ = ["METHODS"]


def _is_legacy(row: Row) -> bool:
    return bool(row["webform_type"] == "LEGACY")


def _map(world: World, _: list[Any]) -> dict[str, str]:
    """Return the titles of the forms by their ids."""
    rows = filter(_is_legacy, world.account.tables["webforms"].rows())
    return {str(row["id"]): str(row["name"] or "") for row in rows}


def _html(world: World, params: list[Any]) -> str:
    row = by_id(world, "webforms", params[0])
    if not _is_legacy(row):
        raise not_found()
    return webform_html(row)


METHODS: Mapping[str, Method] = service(
    "WebFormService", {"getMap": Method(_map, ((),)), "getHTML": Method(_html, ((int,),))}
)
