"""Write calls for contacts and the links between them, companies, affiliates, tags and tag categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.endpoints.affiliates import AFFILIATES, REDIRECTS
from keap_sandbox.endpoints.companies import COMPANIES
from keap_sandbox.endpoints.contacts import CONTACTS
from keap_sandbox.endpoints.lookup import find_key
from keap_sandbox.endpoints.tags import CATEGORIES, TAGS
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import KeapError, Response, bad_request, json_response
from keap_sandbox.writes.shapes import (
    ADDRESS,
    BOOL,
    CUSTOM_FIELDS,
    EMAIL,
    FAX,
    INT,
    PHONE,
    SOCIAL_ACCOUNT,
    TEXT,
    list_of,
    object_of,
    one_of,
    properties,
    required,
    text,
    texts,
    validated,
)
from keap_sandbox.writes.writable import Writable, check_ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row

__all__ = ["routes"]

_CONTACT = {
    **texts(
        "prefix", "suffix", "anniversary_date", "birth_date", "contact_type", "leadsource_id", "owner_id",
        "preferred_locale", "referral_code", "time_zone",
    ),
    **properties(text(40), "given_name", "family_name"),
    **properties(text(100), "website", "middle_name", "preferred_name", "spouse_name", "billing_information"),
    "job_title": text(255),
    "assistant_name": text(20),
    "assistant_phone": text(15),
    "source_type": one_of(
        "SOURCE_TYPE_UNSPECIFIED", "API", "APPOINTMENT", "FORM_API_HOSTED", "FORM_API_INTERNAL", "IMPORT",
        "INTERNAL_FORM", "LANDING_PAGE", "MANUAL", "OTHER", "UNKNOWN", "WEBFORM",
    ),
    "addresses": list_of(ADDRESS),
    "company": object_of(texts("id", "company_name")),
    "origin": object_of(texts("ip_address")),
    "custom_fields": CUSTOM_FIELDS,
    "email_addresses": list_of(object_of(EMAIL)),
    "fax_numbers": list_of(FAX),
    "phone_numbers": list_of(PHONE),
    "social_accounts": list_of(SOCIAL_ACCOUNT),
    "utm_parameters": object_of(
        {
            "keap_source_id": required(TEXT),
            **texts("utm_source", "utm_medium", "utm_term", "utm_campaign", "utm_content"),
        }
    ),
}  # fmt: skip
_COMPANY = {
    **texts(
        "notes", "website", "suffix", "title", "company_name", "anniversary_date", "assistant_name",
        "assistant_phone", "billing_information", "birth_date", "contact_type", "first_name", "job_title",
        "last_name", "middle_name", "preferred_name", "owner_id", "referral_code", "spouse_name",
    ),
    "address": ADDRESS,
    "custom_fields": CUSTOM_FIELDS,
    "email_address": object_of(
        {
            **EMAIL,
            "is_opt_in": BOOL,
            "email_opt_status": one_of(
                "UNENGAGED_MARKETABLE", "SINGLE_OPT_IN", "DOUBLE_OPT_IN", "CONFIRMED",
                "UNENGAGED_NON_MARKETABLE", "NON_MARKETABLE", "LOCKDOWN", "BOUNCE", "HARD_BOUNCE", "MANUAL",
                "ADMIN", "SYSTEM", "LIST_UNSUBSCRIBE", "FEEDBACK", "SPAM", "INVALID", "DEACTIVATED",
            ),
        }
    ),
    "fax_number": FAX,
    "phone_number": PHONE,
}  # fmt: skip
_AFFILIATE = {
    "code": TEXT,
    "status": one_of("ACTIVE", "INACTIVE"),
    "name": TEXT,
    "contact_id": TEXT,
    "parent_affiliate_id": TEXT,
    "notify_on_sale": BOOL,
    "notify_on_lead": BOOL,
    "track_leads_days": INT,
    "password": TEXT,
    "custom_fields": CUSTOM_FIELDS,
}


def _as_read(account: Account, name: str, value: Any) -> Any:
    """Convert a property from the form in which it is written to the form in which it is read."""
    if name == "email_addresses" and value:
        slots = ("EMAIL1", "EMAIL2", "EMAIL3")
        return [
            {
                "email": entry.get("email"),
                "field": entry.get("field") or slots[min(number, 2)],
                "opt_in_reason": entry.get("opt_in_reason"),
                "is_opt_in": bool(entry.get("opt_in_reason")),
                "email_opt_status": "SINGLE_OPT_IN" if entry.get("opt_in_reason") else "NON_MARKETABLE",
            }
            for number, entry in enumerate(value)
        ]
    if name == "company" and value:
        key = parse_id(str(value.get("id") or ""))
        if key not in account.companies:
            raise bad_request(f"Company {value.get('id')} does not exist", "company")
        return {"id": str(key), "company_name": account.companies.row(key).get("company_name")}
    if name == "origin" and value:
        return {"date": account.now(), "ip_address": value.get("ip_address")}
    if name == "utm_parameters" and value:
        parts = [part.title() for part in ("source", "medium", "term", "campaign", "content")]
        row: Row = {"id": 1, "keapSourceId": value.get("keap_source_id")}
        row |= {f"utm{part}": value.get(f"utm_{part.lower()}") for part in parts}
        return [{**row, "firstTouch": True, "lastTouch": True, "dateCreated": account.now()}]
    return value


def _to_fields(account: Account, _: Row, body: Row) -> Row:
    return {name: _as_read(account, name, value) for name, value in body.items() if name != "password"}


def _find_duplicate(account: Account, body: Row, request: Request) -> int | None:
    """Find the contact that `duplicate_option` says is the same one."""
    option = request.query.get("duplicate_option")
    if not option:
        return None
    if option not in {"Email", "EmailAndName", "EmailAndNameAndCompany"}:
        raise bad_request(f"duplicate_option {option!r} is unknown", "duplicate_option")
    wanted = {str(entry.get("email")).casefold() for entry in body.get("email_addresses") or []}
    for key in account.contacts:
        row = account.contacts.row(key)
        emails = {str(entry.get("email")).casefold() for entry in row.get("email_addresses") or []}
        if not wanted & emails:
            continue
        if option != "Email" and any(
            row.get(name) != body.get(name) for name in ("given_name", "family_name")
        ):
            continue
        if option == "EmailAndNameAndCompany" and (row.get("company") or {}).get("id") != (
            body.get("company") or {}
        ).get("id"):
            continue
        return key
    return None


def _check_contact(_: Account, body: Row, key: int | None) -> None:
    if key is None and not any(body.get(name) for name in ("email_addresses", "phone_numbers", "addresses")):
        raise bad_request(
            "A contact needs at least one of email_addresses, phone_numbers or addresses", "contact"
        )
    for address in body.get("addresses") or []:
        if (address.get("region") or address.get("region_code")) and not address.get("country_code"):
            raise bad_request("country_code is required if region is specified", "addresses")
    for entry in body.get("email_addresses") or []:
        if "@" not in str(entry.get("email") or ""):
            raise bad_request("email_addresses must hold valid addresses", "email_addresses")


def _check_company(_: Account, body: Row, key: int | None) -> None:
    if (key is None or "company_name" in body) and not body.get("company_name"):
        raise bad_request("company_name must not be blank", "company_name")


def _check_unique_name(collection: str) -> Callable[[Account, Row, int | None], None]:
    def check(account: Account, body: Row, key: int | None) -> None:
        if key is not None and "name" not in body:
            return
        name = body.get("name")
        if not name or not str(name).strip():
            raise bad_request("name must not be blank", "name")
        table = account.tables[collection]
        for other in table:
            if other != key and str(table.row(other).get("name")).casefold() == str(name).casefold():
                raise KeapError(409, f"{name!r} exists already", domain="request", resource="name")

    return check


def _check_tag(account: Account, body: Row, key: int | None) -> None:
    _check_unique_name("tags")(account, body, key)
    category = body.get("category")
    if category is not None and parse_id(str(category.get("id") or "")) not in account.tag_categories:
        raise bad_request(f"Tag category {category.get('id')} does not exist", "category")


def _truncate_name(_: Account, __: Row, body: Row) -> Row:
    """Keap saves the first 255 characters of a name."""
    return {**body, "name": body["name"][:255]} if body.get("name") else body


def _check_affiliate(account: Account, body: Row, key: int | None) -> None:
    min_length = 4 if key is None else 2  # Keap documents two different minimums
    if key is None or "code" in body:
        code = str(body.get("code") or "")
        if len(code) < min_length or not code[0].isalpha() or any(character.isspace() for character in code):
            raise bad_request(
                f"code needs {min_length} characters, begins with a letter and has no blanks", "code"
            )
    if (key is None or "contact_id" in body) and parse_id(
        str(body.get("contact_id") or "")
    ) not in account.contacts:
        raise bad_request("contact_id must be the id of a contact", "contact_id")


def _show_company(world: World, _: Request, key: int) -> Row:
    return COMPANIES.render(world, [world.account.company(key)], None)[0]


def _redirect(_: Account, row: Row, body: Row) -> Row:
    """Set the deprecated fields to the values of the fields that replaced them."""
    merged = {**row, **body}
    return {**body, "local_url_code": merged.get("code"), "redirect_url": merged.get("website_address")}


_REDIRECT = {
    **properties(required(TEXT), "name", "code", "website_address"),
    "affiliate_id": TEXT,
    "program_ids": list_of(TEXT),
}
WRITABLE = (
    Writable(
        collection="contacts",
        listing=CONTACTS,
        id_name="contact_id",
        properties=_CONTACT,
        validate=_check_contact,
        to_fields=_to_fields,
        find_duplicate=_find_duplicate,
    ),
    Writable(
        collection="companies",
        listing=COMPANIES,
        id_name="company_id",
        properties=_COMPANY,
        validate=_check_company,
        to_fields=_to_fields,
        show=_show_company,
    ),
    Writable(
        collection="tag_categories",
        listing=CATEGORIES,
        id_name="tag_category_id",
        properties=texts("name", "description"),
        validate=_check_unique_name("tag_categories"),
    ),
    Writable(
        collection="tags",
        listing=TAGS,
        id_name="tag_id",
        properties={**texts("name", "description"), "category": object_of({"id": required(TEXT)})},
        validate=_check_tag,
        to_fields=_truncate_name,
    ),
    Writable(
        collection="affiliates",
        listing=AFFILIATES,
        id_name="id",
        properties=_AFFILIATE,
        validate=_check_affiliate,
        to_fields=_to_fields,
    ),
    Writable(
        collection="affiliate_redirect_links",
        listing=REDIRECTS,
        id_name="redirect_id",
        properties=_REDIRECT,
        validate=lambda account, body, _: check_ids(account, body, affiliate_id="affiliates"),
        to_fields=_redirect,
    ),
)


# -- links between contacts --------------------------------------------------------------------------------

_LINK = texts("contact1_id", "contact2_id", "link_type_id")


def _link_body(world: World, request: Request) -> Row:
    body = validated(request.json_object(), _LINK)
    for name in _LINK:
        if not body.get(name):
            raise bad_request(f"{name} is required", name)
    check_ids(
        world.account, body, contact1_id="contacts", contact2_id="contacts", link_type_id="contact_link_types"
    )
    return body


def link(world: World, request: Request) -> Response:
    """Link two contacts."""
    account, body = world.account, _link_body(world, request)
    table = account.tables["contact_link_rows"]
    kind = account.tables["contact_link_types"].row(parse_id(body["link_type_id"]))
    row = {**body, "link_type_name": kind["name"]}
    key = table.new_key()
    table.put(key, {"id": str(key), **row})
    return json_response(row, 201)


def unlink(world: World, request: Request) -> Response:
    """Remove the link between two contacts."""
    body, table = _link_body(world, request), world.account.tables["contact_link_rows"]
    for key in table.children("contact1_id", body["contact1_id"]):
        row = table.row(key)
        if all(row[name] == body[name] for name in _LINK):
            table.delete(key)
    return Response(204, b"", None)


# -- affiliates in commission programs ---------------------------------------------------------------------


def _membership(world: World, request: Request) -> tuple[int, Row]:
    """Return the key and row of the program in the body, after checking that the affiliate exists."""
    account = world.account
    find_key(account, "affiliates", request.params["id"], "Affiliate")
    body = validated(request.json_object(), texts("affiliate_program_id"))
    check_ids(account, body, affiliate_program_id="commission_programs")
    key = parse_id(str(body.get("affiliate_program_id")))
    if key not in account.commission_programs:
        raise bad_request("affiliate_program_id is required", "affiliate_program_id")
    return key, account.commission_programs.row(key)


def assign_to_program(world: World, request: Request) -> Response:
    """Add an affiliate to a commission program."""
    key, row = _membership(world, request)
    ids = [*row["affiliate_ids"], *({request.params["id"]} - set(row["affiliate_ids"]))]
    world.account.commission_programs.put(key, {**row, "affiliate_ids": ids})
    return Response(200, b"", None)


def remove_from_program(world: World, request: Request) -> Response:
    """Remove an affiliate from a commission program."""
    key, row = _membership(world, request)
    ids = [affiliate for affiliate in row["affiliate_ids"] if affiliate != request.params["id"]]
    world.account.commission_programs.put(key, {**row, "affiliate_ids": ids})
    return Response(200, b"", None)


def routes() -> list[Route]:
    """Return the write calls for contacts, companies, affiliates and tags."""
    return [
        ("POST", "/v2/affiliates/{id}:assignToProgram", assign_to_program),
        ("POST", "/v2/affiliates/{id}:removeFromProgram", remove_from_program),
        ("POST", "/v2/contacts:link", link),
        ("POST", "/v2/contacts:unlink", unlink),
        *(route for writable in WRITABLE for route in writable.routes()),
    ]
