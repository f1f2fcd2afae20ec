"""All reports. To add one, declare it in the module of its area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.xmlrpc.reports import (
    affiliates,
    contacts,
    discounts,
    files,
    invoices,
    own_settings,
    products,
    programs,
    shipping,
    web_forms,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.xmlrpc.reports.report import OwnSetting, Report

AREAS = (affiliates, programs, contacts, discounts, files, invoices, products, shipping, web_forms)

REPORTS: Mapping[str, Report] = {one.name: one for area in AREAS for one in area.REPORTS}
"""Name -> report, for those that `legacy_reports` makes streams of."""
WITH_OWN_SETTING: Mapping[str, OwnSetting] = {one.name: one for one in own_settings.REPORTS}
"""Name -> report, for those whose streams other settings make."""
