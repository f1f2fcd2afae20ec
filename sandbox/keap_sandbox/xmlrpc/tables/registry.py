"""All data tables of the XML-RPC API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.tables import (
    activity,
    affiliates,
    forms,
    marketing,
    only_here,
    opportunities,
    payments,
    people,
    sales,
    shop,
    subscriptions,
    tags,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.xmlrpc.tables.view import TableView

__all__ = ["TABLES"]

_AREAS = (
    people, tags, forms, activity, sales, payments, subscriptions, shop, opportunities, affiliates, marketing,
    only_here,
)  # fmt: skip

TABLES: Mapping[str, TableView] = {view.name: view for area in _AREAS for view in area.TABLES}
"""By name; case matters."""
