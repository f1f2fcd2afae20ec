"""What else can be asked for if Keap does not serve what a read begins with: functions of plan and fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.reading.requests import goes_by_birth

if TYPE_CHECKING:
    from tap_infusionsoft.client.faults import KeapError
    from tap_infusionsoft.reading.requests import ReadPlan

_NO_JSON = re.compile(r"(unknown type|[\w.+-]+/[\w.+-]+): ")
"""How the text of a fault begins that was no JSON: with its content type."""


def other_plan(plan: ReadPlan, error: KeapError, before: ReadPlan | None) -> tuple[ReadPlan, str] | None:
    """Return another way to ask, and a warning about it; None if there is none.

    Args:
        plan: What was asked for.
        error: The fault of its first call.
        before: The plan that an earlier run gave up for this one; None if none did.
    """
    collection = plan.collection
    if collection.endpoint.walk is not None:
        return None  # such a walk finds out by itself what else can be asked for
    if before is not None and error.fault.kind is Kind.WITHDRAWN:
        return before, f"{error} Reading {before.collection.endpoint.path} again."
    if error.fault.kind is Kind.BAD_REQUEST:
        walks_by_time = collection.endpoint.by_id is None and collection.changes.goes_by_time
        if "order_by" in error.call.params and (walks_by_time or goes_by_birth(plan)):
            return replace(plan, collection=collection.unordered), f"{error} Asking without an order instead."
        left = _fields_left(plan, error)
        if left != plan.fields:
            dropped = ", ".join(sorted(set(plan.fields) - set(left)))
            warning = f"{collection.name}: Keap does not take all fields; not asked for: {dropped}."
            return replace(plan, fields=left), warning
    if collection.fallback is None:
        return None
    # The decoder expects the rows of the collection that it was made for.
    other = replace(plan, collection=collection.fallback, decode=None)
    return other, f"{error} Reading {collection.fallback.endpoint.path} instead."


def _fields_left(plan: ReadPlan, error: KeapError) -> tuple[str, ...]:
    """The fields without those that Keap refuses: all but the sure ones, or the first one it names.

    Nothing else makes fields the cause: a web page has words, too, that are names of fields. Those of the key
    are never left out, and "bad id" is not about the field id.
    """
    collection, fields = plan.collection, plan.fields
    sure, key = collection.endpoint.fields.sure, {*map(collection.wire.name, collection.key)}
    is_page = _NO_JSON.match(error.fault.text)
    words = [] if is_page else re.findall(r"\w+", error.fault.text)
    refused = next((word for word in words if word in fields and word not in key), None)
    if sure and not sure.issuperset(fields) and (refused or "fields" in words):
        return tuple(name for name in fields if name in sure)
    return tuple(name for name in fields if name != refused)
