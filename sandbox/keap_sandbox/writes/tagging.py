"""Applying tags to contacts and companies, and taking them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.request import Request, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response, not_found

if TYPE_CHECKING:
    from keap_sandbox.request import Route

__all__ = ["routes"]


def _tag(world: World, request: Request) -> int:
    key = parse_id(request.params["tag_id"])
    if key not in world.account.tags:
        raise not_found("Tag", request.params["tag_id"])
    return key


def _contact_ids(request: Request) -> list[str]:
    ids = request.json_object().get("contact_ids")
    if not isinstance(ids, list) or not ids or not all(isinstance(one, str | int) for one in ids):
        raise bad_request("contact_ids must be a list of ids", "contact_ids")
    return [str(one) for one in ids]


def apply_tags(world: World, request: Request) -> Response:
    """Apply a tag to contacts. The contacts' own update_time stays as it is."""
    account, tag = world.account, _tag(world, request)
    results = {}
    for one in _contact_ids(request):
        contact = parse_id(one)
        if contact not in account.contacts:
            results[one] = "FAILURE"
        else:
            fresh = account.taggings.apply(contact, tag, account.clock.millis())
            results[one] = "SUCCESS" if fresh else "DUPLICATE"
    return json_response({"results": results})


def remove_tags(world: World, request: Request) -> Response:
    """Take a tag from contacts."""
    account, tag = world.account, _tag(world, request)
    for one in _contact_ids(request):
        account.taggings.remove(parse_id(one), tag)
    return Response(204, b"", None)


def _company(world: World, request: Request) -> int:
    key = parse_id(request.params["company_id"])
    if key not in world.account.companies:
        raise not_found("Company", request.params["company_id"])
    return key


def tag_company(world: World, request: Request) -> Response:
    """Apply a tag to a company."""
    account, key, tag = world.account, _company(world, request), _tag(world, request)
    account.company_tags.setdefault(key, {}).setdefault(tag, account.clock.millis())
    account.company_tags_version += 1
    return Response(204, b"", None)


def untag_company(world: World, request: Request) -> Response:
    """Take a tag from a company."""
    account, key, tag = world.account, _company(world, request), _tag(world, request)
    account.company_tags.get(key, {}).pop(tag, None)
    account.company_tags_version += 1
    return Response(204, b"", None)


def routes() -> list[Route]:
    """The write calls for tags on records."""
    return [
        ("POST", "/v2/tags/{tag_id}/contacts:applyTags", apply_tags),
        ("POST", "/v2/tags/{tag_id}/contacts:removeTags", remove_tags),
        ("POST", "/v2/companies/{company_id}/tags/{tag_id}", tag_company),
        ("DELETE", "/v2/companies/{company_id}/tags/{tag_id}", untag_company),
    ]
