"""All methods of the XML-RPC API. To add a service, list its module here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.services import (
    affiliates,
    contacts,
    data,
    discounts,
    files,
    invoices,
    products,
    programs,
    searches,
    shipping,
    web_forms,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.xmlrpc.methods import Method

__all__ = ["METHODS"]

METHODS: Mapping[str, Method] = {
    **affiliates.METHODS,
    **contacts.METHODS,
    **data.METHODS,
    **discounts.METHODS,
    **files.METHODS,
    **invoices.METHODS,
    **products.METHODS,
    **programs.METHODS,
    **searches.METHODS,
    **shipping.METHODS,
    **web_forms.METHODS,
}
"""By full name, such as ``DataService.query``; case matters."""
