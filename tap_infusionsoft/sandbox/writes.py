"""Keap's own write calls: create, update, delete, and applying tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.sandbox.answers import Answer, KeapError, bad_request, json_answer, not_found
from tap_infusionsoft.sandbox.calls import Call, Route, World, key_of
from tap_infusionsoft.sandbox.endpoints.affiliates import AFFILIATES
from tap_infusionsoft.sandbox.endpoints.companies import COMPANIES
from tap_infusionsoft.sandbox.endpoints.contacts import CONTACTS
from tap_infusionsoft.sandbox.endpoints.tags import CATEGORIES, TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_infusionsoft.sandbox.account import Account
    from tap_infusionsoft.sandbox.listing import Listing
    from tap_infusionsoft.sandbox.tables import Row

__all__ = ["routes"]

_TEXT, _LIST, _OBJECT, _BOOL, _INT = "text", "list", "object", "bool", "int"
_TYPES: dict[str, tuple[type, ...]] = {
    _TEXT: (str,),
    _LIST: (list,),
    _OBJECT: (dict,),
    _BOOL: (bool,),
    _INT: (int,),
}
_PERSON = dict.fromkeys(
    (
        "prefix",
        "suffix",
        "website",
        "anniversary_date",
        "birth_date",
        "contact_type",
        "family_name",
        "given_name",
        "job_title",
        "leadsource_id",
        "middle_name",
        "owner_id",
        "preferred_locale",
        "preferred_name",
        "referral_code",
        "source_type",
        "spouse_name",
        "time_zone",
        "assistant_name",
        "assistant_phone",
        "billing_information",
    ),
    _TEXT,
) | {
    "addresses": _LIST,
    "company": _OBJECT,
    "origin": _OBJECT,
    "custom_fields": _LIST,
    "email_addresses": _LIST,
    "fax_numbers": _LIST,
    "phone_numbers": _LIST,
    "social_accounts": _LIST,
    "utm_parameters": _OBJECT,
}
_COMPANY = dict.fromkeys(
    (
        "notes",
        "website",
        "suffix",
        "title",
        "company_name",
        "anniversary_date",
        "assistant_name",
        "assistant_phone",
        "billing_information",
        "birth_date",
        "contact_type",
        "first_name",
        "job_title",
        "last_name",
        "middle_name",
        "preferred_name",
        "owner_id",
        "referral_code",
        "spouse_name",
    ),
    _TEXT,
) | {
    "address": _OBJECT,
    "custom_fields": _LIST,
    "email_address": _OBJECT,
    "fax_number": _OBJECT,
    "phone_number": _OBJECT,
}
_AFFILIATE = {
    "code": _TEXT,
    "status": _TEXT,
    "name": _TEXT,
    "contact_id": _TEXT,
    "parent_affiliate_id": _TEXT,
    "notify_on_sale": _BOOL,
    "notify_on_lead": _BOOL,
    "track_leads_days": _INT,
    "password": _TEXT,
    "custom_fields": _LIST,
}


@dataclass(frozen=True, kw_only=True)
class Writable:
    """What may be written of a collection."""

    collection: str
    listing: Listing
    id_name: str
    properties: Mapping[str, str]
    validate: Callable[[Account, Row, int | None], None]
    show: Callable[[World, Call, int], Row]
    create_time: str | None = "create_time"
    update_time: str | None = "update_time"

    def routes(self) -> list[Route]:
        """Create, update, delete."""
        one = f"{self.listing.path}/{{{self.id_name}}}"
        return [
            ("POST", self.listing.path, self.create),
            ("PATCH", one, self.update),
            ("DELETE", one, self.delete),
        ]

    def _body(self, call: Call) -> Row:
        body = call.json_object()
        for name, value in body.items():
            kind = self.properties.get(name)
            if kind is None:
                raise bad_request(f"Unrecognized property {name!r}", name)
            if value is not None and (
                not isinstance(value, _TYPES[kind]) or (kind == _INT and isinstance(value, bool))
            ):
                raise bad_request(f"{name} must be of type {kind}", name)
        return body

    def create(self, world: World, call: Call) -> Answer:
        """A new record."""
        account, body = world.account, self._body(call)
        if self.collection == "contacts" and call.query.get("duplicate_option"):
            twin = _duplicate(account, body, call.query["duplicate_option"])
            if twin is not None:
                self._change(account, twin, body)
                return json_answer(self.show(world, call, twin))
        self.validate(account, body, None)
        table = account.tables[self.collection]
        key = table.new_key()
        row = account.blank(self.collection) | {"id": str(key)}
        for name in (self.create_time, self.update_time):
            if name:
                row[name] = account.now()
        table.put(key, row)
        self._change(account, key, body, stamp=False)
        if self.collection == "contacts":
            account.taggings.forget_contact(
                key
            )  # it has no tags yet, whatever the seed says about its number
        return json_answer(self.show(world, call, key), 201)

    def update(self, world: World, call: Call) -> Answer:
        """Change the properties that were sent; with `update_mask` only those that it names."""
        account, key = world.account, self._key(world, call)
        body = self._body(call)
        mask = call.names("update_mask")
        if mask is not None:
            for name in mask:
                if name not in self.properties:
                    raise bad_request(f"update_mask: {name!r} cannot be updated", "update_mask")
            body = {name: body.get(name) for name in mask}
        self.validate(account, body, key)
        self._change(account, key, body)
        return json_answer(self.show(world, call, key))

    def delete(self, world: World, call: Call) -> Answer:
        """Delete a record and what hangs on it."""
        world.account.delete(self.collection, self._key(world, call))
        return Answer(204, b"", None)

    def _key(self, world: World, call: Call) -> int:
        key = key_of(call.params[self.id_name])
        if key not in world.account.tables[self.collection]:
            raise not_found(self.listing.singular, call.params[self.id_name])
        return key

    def _change(self, account: Account, key: int, body: Row, *, stamp: bool = True) -> None:
        table = account.tables[self.collection]
        row = dict(account.full(self.collection, key))
        for name, value in body.items():
            if name == "custom_fields":
                row[name] = _merge_custom(account, self.collection, row.get(name), value)
            elif name != "password":
                row[name] = _normal(account, name, value)
        if stamp and self.update_time:
            row[self.update_time] = account.now()
        table.put(key, row)


def _merge_custom(account: Account, record: str, old: Any, new: Any) -> list[Row]:
    fields = account.custom_fields[record]
    values = {entry["id"]: entry.get("content") for entry in old or []}
    for entry in new or []:
        if not isinstance(entry, dict) or str(entry.get("id")) not in fields.ids:
            raise bad_request(f"Custom field {entry!r} does not exist", "custom_fields")
        values[str(entry["id"])] = entry.get("content")
    return fields.contents(values)


def _normal(account: Account, name: str, value: Any) -> Any:
    """Bring what was written into the form in which it is read."""
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
        key = key_of(str(value.get("id") or ""))
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


def _duplicate(account: Account, body: Row, option: str) -> int | None:
    """The contact that counts as the same one."""
    if option not in {"Email", "EmailAndName", "EmailAndNameAndCompany"}:
        raise bad_request(f"duplicate_option {option!r} is unknown", "duplicate_option")
    wanted = {str(entry.get("email")).casefold() for entry in body.get("email_addresses") or []}
    for key in account.contacts.keys():  # noqa: SIM118 - a table is no dict
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


# -- what each collection requires -----------------------------------------------------------------------------


def _check_contact(_: Account, body: Row, key: int | None) -> None:
    if key is None and not any(body.get(name) for name in ("email_addresses", "phone_numbers", "addresses")):
        raise bad_request(
            "A contact needs at least one of email_addresses, phone_numbers or addresses", "contact"
        )
    for address in body.get("addresses") or []:
        if not isinstance(address, dict):
            raise bad_request("addresses must hold objects", "addresses")
        if (address.get("region") or address.get("region_code")) and not address.get("country_code"):
            raise bad_request("country_code is required if region is specified", "addresses")
    for entry in body.get("email_addresses") or []:
        if not isinstance(entry, dict) or "@" not in str(entry.get("email") or ""):
            raise bad_request("email_addresses must hold valid addresses", "email_addresses")


def _check_company(_: Account, body: Row, key: int | None) -> None:
    if (key is None or "company_name" in body) and not body.get("company_name"):
        raise bad_request("company_name must not be blank", "company_name")


def _check_named(collection: str) -> Callable[[Account, Row, int | None], None]:
    def check(account: Account, body: Row, key: int | None) -> None:
        if key is not None and "name" not in body:
            return
        name = body.get("name")
        if not name or not str(name).strip():
            raise bad_request("name must not be blank", "name")
        table = account.tables[collection]
        for other in table.keys():  # noqa: SIM118 - a table is no dict
            if other != key and str(table.row(other).get("name")).casefold() == str(name).casefold():
                raise KeapError(409, f"{name!r} exists already", domain="request", resource="name")

    return check


def _check_tag(account: Account, body: Row, key: int | None) -> None:
    _check_named("tags")(account, body, key)
    category = body.get("category")
    if category is not None and key_of(str(category.get("id") or "")) not in account.tag_categories:
        raise bad_request(f"Tag category {category.get('id')} does not exist", "category")


def _check_affiliate(account: Account, body: Row, key: int | None) -> None:
    least = 4 if key is None else 2  # as documented, the two differ
    if key is None or "code" in body:
        code = str(body.get("code") or "")
        if len(code) < least or not code[0].isalpha() or any(letter.isspace() for letter in code):
            raise bad_request(
                f"code needs {least} characters, begins with a letter and has no blanks", "code"
            )
    if (key is None or "contact_id" in body) and key_of(
        str(body.get("contact_id") or "")
    ) not in account.contacts:
        raise bad_request("contact_id must be the id of a contact", "contact_id")
    if body.get("status") not in {None, "ACTIVE", "INACTIVE"}:
        raise bad_request("status must be ACTIVE or INACTIVE", "status")


def _plain(listing: Listing) -> Callable[[World, Call, int], Row]:
    def show(world: World, _: Call, key: int) -> Row:
        return listing.render(world, [listing.source(world.account, {}).row(key)], None)[0]

    return show


def _show_contact(world: World, call: Call, key: int) -> Row:
    names = CONTACTS.sparse.names(call, world.switches) if CONTACTS.sparse else None
    return CONTACTS.render(world, [world.account.contact(key)], names)[0]


def _show_company(world: World, _: Call, key: int) -> Row:
    return COMPANIES.render(world, [world.account.company(key)], None)[0]


_NAMED = {"name": _TEXT, "description": _TEXT}
WRITABLE = (
    Writable(
        collection="contacts",
        listing=CONTACTS,
        id_name="contact_id",
        properties=_PERSON,
        validate=_check_contact,
        show=_show_contact,
    ),
    Writable(
        collection="companies",
        listing=COMPANIES,
        id_name="company_id",
        properties=_COMPANY,
        validate=_check_company,
        show=_show_company,
    ),
    Writable(
        collection="tag_categories",
        listing=CATEGORIES,
        id_name="tag_category_id",
        properties=_NAMED,
        validate=_check_named("tag_categories"),
        show=_plain(CATEGORIES),
    ),
    Writable(
        collection="tags",
        listing=TAGS,
        id_name="tag_id",
        properties={**_NAMED, "category": _OBJECT},
        validate=_check_tag,
        show=_plain(TAGS),
    ),
    Writable(
        collection="affiliates",
        listing=AFFILIATES,
        id_name="id",
        properties=_AFFILIATE,
        validate=_check_affiliate,
        show=_plain(AFFILIATES),
        create_time="date_created",
        update_time=None,
    ),
)


# -- tags on records -------------------------------------------------------------------------------------------


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
    """All write calls; literal paths before those with ids."""
    return [
        ("POST", "/v2/tags/{tag_id}/contacts:applyTags", apply_tags),
        ("POST", "/v2/tags/{tag_id}/contacts:removeTags", remove_tags),
        ("POST", "/v2/companies/{company_id}/tags/{tag_id}", tag_company),
        ("DELETE", "/v2/companies/{company_id}/tags/{tag_id}", untag_company),
        *(route for one in WRITABLE for route in one.routes()),
    ]
