"""Applying tags to contacts and companies, and taking them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.request import Call, World, key_of
from keap_sandbox.responses import Answer, bad_request, json_answer, not_found

if TYPE_CHECKING:
    from keap_sandbox.request import Route

__all__ = ["routes"]


def _tag(world: World, call: Call) -> int:
    key = key_of(call.params["tag_id"])
    if key not in world.account.tags:
        raise not_found("Tag", call.params["tag_id"])
    return key


def _contact_ids(call: Call) -> list[str]:
    ids = call.json_object().get("contact_ids")
    if not isinstance(ids, list) or not ids or not all(isinstance(one, str | int) for one in ids):
        raise bad_request("contact_ids must be a list of ids", "contact_ids")
    return [str(one) for one in ids]


def apply_tags(world: World, call: Call) -> Answer:
    """Apply a tag to contacts. The contacts' own update_time stays as it is."""
    account, tag = world.account, _tag(world, call)
    results = {}
    for one in _contact_ids(call):
        contact = key_of(one)
        if contact not in account.contacts:
            results[one] = "FAILURE"
        else:
            fresh = account.taggings.apply(contact, tag, account.clock.millis())
            results[one] = "SUCCESS" if fresh else "DUPLICATE"
    return json_answer({"results": results})


def remove_tags(world: World, call: Call) -> Answer:
    """Take a tag from contacts."""
    account, tag = world.account, _tag(world, call)
    for one in _contact_ids(call):
        account.taggings.remove(key_of(one), tag)
    return Answer(204, b"", None)


def _company(world: World, call: Call) -> int:
    key = key_of(call.params["company_id"])
    if key not in world.account.companies:
        raise not_found("Company", call.params["company_id"])
    return key


def tag_company(world: World, call: Call) -> Answer:
    """Apply a tag to a company."""
    account, key, tag = world.account, _company(world, call), _tag(world, call)
    account.company_tags.setdefault(key, {}).setdefault(tag, account.clock.millis())
    account.company_tags_version += 1
    return Answer(204, b"", None)


def untag_company(world: World, call: Call) -> Answer:
    """Take a tag from a company."""
    account, key, tag = world.account, _company(world, call), _tag(world, call)
    account.company_tags.get(key, {}).pop(tag, None)
    account.company_tags_version += 1
    return Answer(204, b"", None)


def routes() -> list[Route]:
    """The write calls for tags on records."""
    return [
        ("POST", "/v2/tags/{tag_id}/contacts:applyTags", apply_tags),
        ("POST", "/v2/tags/{tag_id}/contacts:removeTags", remove_tags),
        ("POST", "/v2/companies/{company_id}/tags/{tag_id}", tag_company),
        ("DELETE", "/v2/companies/{company_id}/tags/{tag_id}", untag_company),
    ]
