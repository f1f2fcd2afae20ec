"""Apply tags to contacts and companies, and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.lookup import find_key
from keap_sandbox.request import Request, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response

if TYPE_CHECKING:
    from keap_sandbox.request import Route

__all__ = ["routes"]


def _tag(world: World, request: Request) -> int:
    return find_key(world.account, "tags", request.params["tag_id"], "Tag")


def _contact_ids(request: Request) -> list[str]:
    ids = request.json_object().get("contact_ids")
    if (
        not isinstance(ids, list)
        or not ids
        or not all(isinstance(contact_id, str | int) for contact_id in ids)
    ):
        raise bad_request("contact_ids must be a list of ids", "contact_ids")
    return [str(contact_id) for contact_id in ids]


def apply_tags(world: World, request: Request) -> Response:
    """Apply a tag to contacts. This does not change the contacts' `update_time`."""
    account, tag = world.account, _tag(world, request)
    results = {}
    for contact_id in _contact_ids(request):
        contact = parse_id(contact_id)
        if contact not in account.contacts:
            results[contact_id] = "FAILURE"
        else:
            is_new = account.taggings.apply(contact, tag, account.clock.millis())
            results[contact_id] = "SUCCESS" if is_new else "DUPLICATE"
    return json_response({"results": results})


def remove_tags(world: World, request: Request) -> Response:
    """Remove a tag from contacts."""
    account, tag = world.account, _tag(world, request)
    for contact_id in _contact_ids(request):
        account.taggings.remove(parse_id(contact_id), tag)
    return Response(204, b"", None)


def _company(world: World, request: Request) -> int:
    return find_key(world.account, "companies", request.params["company_id"], "Company")


def tag_company(world: World, request: Request) -> Response:
    """Apply a tag to a company."""
    account, key, tag = world.account, _company(world, request), _tag(world, request)
    account.company_tags.setdefault(key, {}).setdefault(tag, account.clock.millis())
    account.company_tags_version += 1
    return Response(204, b"", None)


def untag_company(world: World, request: Request) -> Response:
    """Remove a tag from a company."""
    account, key, tag = world.account, _company(world, request), _tag(world, request)
    account.company_tags.get(key, {}).pop(tag, None)
    account.company_tags_version += 1
    return Response(204, b"", None)


def routes() -> list[Route]:
    """Return the calls that apply and remove tags."""
    return [
        ("POST", "/v2/tags/{tag_id}/contacts:applyTags", apply_tags),
        ("POST", "/v2/tags/{tag_id}/contacts:removeTags", remove_tags),
        ("POST", "/v2/companies/{company_id}/tags/{tag_id}", tag_company),
        ("DELETE", "/v2/companies/{company_id}/tags/{tag_id}", untag_company),
    ]
