"""Read calls for tags, tag categories, and the contacts and companies that have a tag."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from keap_sandbox.endpoints.contacts import visible
from keap_sandbox.endpoints.lookup import computed_table, find_key
from keap_sandbox.filtering.filters import Choice, Condition, Filter, Keys, Option, Since, Text, Until, parse
from keap_sandbox.filtering.selection import Order
from keap_sandbox.lists.v2 import Listing, View
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, html_page, json_response
from keap_sandbox.taggings import unpair
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row, Source

__all__ = [
    "CATEGORIES",
    "COMPANY_TAGS",
    "CONTACT_TAGS",
    "TAGGED_COMPANIES",
    "TAGGED_CONTACTS",
    "TAGS",
    "routes",
]

Params = Mapping[str, str]

_IDS_MAX = 100  # tags or contacts that a wildcard collection accepts in a filter


def _times(prefix: str, path: str) -> dict[str, Filter]:
    return {f"since_{prefix}_time": Since(path), f"until_{prefix}_time": Until(path)}


def _tag_shape(row: Row, switches: Switches) -> Row:
    if switches.tag_times == "missing":
        return {name: value for name, value in row.items() if name not in {"create_time", "update_time"}}
    return row


TAGS = Listing(
    path="/v2/tags",
    items="tags",
    source=lambda account, _: account.tags,
    filters={
        "name": Text("name"),
        "description": Text("description", none=True),
        "category_id": Text("category.id", none=True),
        "tag_ids": Keys(),
        **_times("create", "create_time"),
        **_times("update", "update_time"),
    },
    order_by={"name": "name", "create_time": "create_time", "update_time": "update_time"},
    token_form="url",  # noqa: S106 - as in live responses
    by_id="tag_id",
    singular="Tag",
    shape=_tag_shape,
)

CATEGORIES = Listing(
    path="/v2/tags/categories",
    items="tag_categories",
    source=lambda account, _: account.tag_categories,
    filters={
        "name": Text("name", none=True),
        "description": Text("description", none=True),
        **_times("create", "create_time"),
        **_times("update", "update_time"),
    },
    order_by={"name": "name", "create_time": "create_time", "update_time": "update_time"},
    by_id="tag_category_id",
    singular="Tag category",
)


class _Associations:
    """One of the two wildcard collections: associations of several tags, or of several contacts."""

    def __init__(self, path: str, items: str, ids: str) -> None:
        self.ids = ids
        self.listing = Listing(
            path=path,
            items=items,
            source=self._all,
            filters={
                ids: Choice(ids.removesuffix("s"), most=_IDS_MAX),
                "since_applied_time": Since("applied_at"),
                "until_applied_time": Until("applied_at"),
            },
            order_by={"applied_time": "applied_at"},
            check=self._check,
            base_test=self._base_test,
        )

    @staticmethod
    def _all(account: Account, _: Params) -> Source:
        return account.pairs()

    @staticmethod
    def _base_test(account: Account, _: list[Condition]) -> Callable[[int], bool] | None:
        can_see = visible(account)
        return (lambda key: can_see(unpair(key)[0])) if can_see else None

    def _check(self, conditions: list[Condition], switches: Switches) -> None:
        names = {condition.name for condition in conditions}
        if not names or (switches.wildcard_tags_need == "ids" and self.ids not in names):
            raise bad_request(f"At least one filter is required: {self.ids}", "filter")

    def _requested(self, conditions: list[Condition]) -> tuple[int, ...] | None:
        for condition in conditions:
            if condition.name == self.ids and condition.op == "==":
                keys = [parse_id(text.strip()) for text in condition.value.split(",") if text.strip()]
                return tuple(key for key in keys if key >= 0)
        return None

    def page(self, world: World, request: Request) -> Response:
        """Return a page of associations, read from the requested tags or contacts only."""
        if world.switches.wildcard_tags == "withdrawn":
            return html_page(404, "Page Not Found", "The page you are looking for could not be found.")
        requested = self._requested(parse(request.query.get("filter", "")))
        if requested is None or len(set(requested)) > _IDS_MAX:
            return self.listing.page(world, request)
        account = world.account
        if self.ids == "tag_ids":
            existing = tuple(tag for tag in requested if tag in account.tags)
            source: Source = account.pairs(tags=existing)
        else:
            source = account.pairs(contacts=requested)
        # The source has the requested ids only, so testing each row again would be a waste of time
        filters = {**self.listing.filters, self.ids: Option()}
        return replace(self.listing, source=lambda *_: source, filters=filters).page(world, request)


TAG_CONTACTS_WILD = _Associations("/v2/tags/-/contacts", "contacts", "tag_ids")
CONTACT_TAGS_WILD = _Associations("/v2/contacts/-/tags", "tags", "contact_ids")


def _tag(account: Account, params: Params) -> int:
    return find_key(account, "tags", params["tag_id"], "Tag")


def _tagged_contacts(account: Account, params: Params) -> Source:
    tag = _tag(account, params)

    def show(key: int) -> Row:
        contact, _ = unpair(key)
        row = account.contacts.row(contact)
        emails = row.get("email_addresses") or []
        applied = account.taggings.applied(contact, tag)
        return {
            "id": str(row["id"]),
            "email": emails[0].get("email") if emails else None,
            "given_name": row.get("given_name"),
            "family_name": row.get("family_name"),
            "applied_time": None if applied is None else iso(applied),
        }

    return View(account.pairs(tags=(tag,)), show, ("tagged", account.contacts.version))


TAGGED_CONTACTS = Listing(
    path="/v2/tags/{tag_id}/contacts",
    items="contacts",
    source=_tagged_contacts,
    filters={
        "given_name": Text("given_name", none=True),
        "family_name": Text("family_name", none=True),
        "email": Text("email", none=True),
        **_times("applied", "applied_time"),
    },
    order_by={name: name for name in ("given_name", "family_name", "email", "applied_time")},
    token_form="url",  # noqa: S106 - as in live responses
)


def count_contacts(world: World, request: Request) -> Response:
    """Return how many contacts have a tag."""
    source = _tagged_contacts(world.account, request.params)
    conditions = parse(request.query.get("filter", ""))
    return json_response(
        {"count": len(TAGGED_CONTACTS.select(world, source, Order(""), conditions, request))}
    )


def _tagged_companies(account: Account, params: Params) -> Source:
    tag = _tag(account, params)
    rows = {
        key: {"company": account.company(key), "applied_time": iso(tags[tag])}
        for key, tags in account.company_tags.items()
        if tag in tags and key in account.companies
    }
    return computed_table(
        f"tagged companies {tag}", rows, account.companies.version, account.company_tags_version
    )


TAGGED_COMPANIES = Listing(
    path="/v2/tags/{tag_id}/companies",
    items="tagged_companies",
    source=_tagged_companies,
    filters={
        "company_name": Text("company.company_name"),
        "email": Text("company.email_address.email", none=True),
        **_times("applied", "applied_time"),
    },
    order_by={
        "company_name": "company.company_name",
        "email": "company.email_address.email",
        "applied_time": "applied_time",
    },
)


def _applied(account: Account, name: str, tags: Mapping[int, int]) -> Source:
    rows = {tag: {"tag": account.tags.row(tag), "applied_time": iso(moment)} for tag, moment in tags.items()}
    versions = (account.tags.version, account.taggings.version, account.company_tags_version)
    return computed_table(name, rows, *versions)


def _tags_of_contact(account: Account, params: Params) -> Source:
    key = find_key(account, "contacts", params["contact_id"], "Contact")
    return _applied(account, f"tags of contact {key}", account.taggings.of_contact(key))


def _tags_of_company(account: Account, params: Params) -> Source:
    key = find_key(account, "companies", params["company_id"], "Company")
    return _applied(account, f"tags of company {key}", account.company_tags.get(key, {}))


_APPLIED_FILTERS: dict[str, Filter] = {
    "name": Text("tag.name"),
    "description": Text("tag.description"),
    "category_id": Text("tag.category.id", none=True),
    **_times("applied", "applied_time"),
    **_times("create", "tag.create_time"),
    **_times("update", "tag.update_time"),
}
_APPLIED_ORDER = {
    "name": "tag.name",
    "create_time": "tag.create_time",
    "update_time": "tag.update_time",
    "applied_time": "applied_time",
    "category_id": "tag.category.id",
}
CONTACT_TAGS = Listing(
    path="/v2/contacts/{contact_id}/tags",
    items="tags",
    source=_tags_of_contact,
    filters=_APPLIED_FILTERS,
    order_by=_APPLIED_ORDER,
)
COMPANY_TAGS = Listing(
    path="/v2/companies/{company_id}/tags",
    items="tags",
    source=_tags_of_company,
    filters=_APPLIED_FILTERS,
    order_by=_APPLIED_ORDER,
)


def routes() -> list[Route]:
    """Return the read calls for tags. Literal paths come before paths with ids."""
    return [
        ("GET", "/v2/tags/-/contacts", TAG_CONTACTS_WILD.page),
        ("GET", "/v2/contacts/-/tags", CONTACT_TAGS_WILD.page),
        *CATEGORIES.routes(),
        *TAGS.routes(),
        ("GET", "/v2/tags/{tag_id}/contacts/count", count_contacts),
        *TAGGED_CONTACTS.routes(),
        *TAGGED_COMPANIES.routes(),
        *CONTACT_TAGS.routes(),
        *COMPANY_TAGS.routes(),
    ]
