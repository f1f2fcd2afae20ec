"""Read calls for the account's settings, countries, user groups, and what belongs to a contact or user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.contents import snippet
from keap_sandbox.endpoints.lookup import find_key
from keap_sandbox.filtering.filters import Text
from keap_sandbox.lists.rendering import apply_switches
from keap_sandbox.lists.v2 import Listing
from keap_sandbox.responses import Response, bad_request, json_response, not_found
from keap_sandbox.sample_data.settings import OPTION_TYPES, business_profile, configuration
from keap_sandbox.tables import Subset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.request import Request, Route, World
    from keap_sandbox.tables import Row, Source

__all__ = ["contact_links", "lead_score", "routes", "settings", "signature"]

_MODULES = configuration()
OPT_INS = Listing(
    path="/v2/integrations/wordpress/options",
    items="wordpress_opt_in_options",
    collection="wordpress_opt_in_options",
    paged=False,
)
COUNTRIES = Listing(path="/v2/locales/countries", items="countries", collection="countries", paged=False)
GROUPS = Listing(
    path="/v2/userGroups",
    items="user_groups",
    collection="user_groups",
    paged=False,
    by_id="user_group_id",
    singular="User group",
)
LINK_TYPES = Listing(
    path="/v2/contacts/links/types",
    items="contact_link_types",
    collection="contact_link_types",
    filters={"name": Text("name")},
    order_by={name: name for name in ("name", "max_links", "create_time")},
)


def _country(account: Account, code: str) -> Row:
    """Find a country by its two-letter or three-letter code."""
    for row in account.tables["countries"].rows():
        if code.upper() in row["codes"].values():
            return row
    raise not_found("Country", code)


def _provinces(account: Account, params: Mapping[str, str]) -> Source:
    code = _country(account, params["country_code"])["codes"]["alpha3"]
    table = account.tables["provinces"]
    return Subset(table, table.children("country_code", code), (code,))


PROVINCES = Listing(
    path="/v2/locales/countries/{country_code}/provinces",
    items="provinces",
    source=_provinces,
    hidden=("country_code",),
    paged=False,
)


def _one_country(world: World, request: Request) -> Response:
    return json_response(_country(world.account, request.params["country_code"]))


def _province(world: World, request: Request) -> Response:
    source = _provinces(world.account, request.params)
    for row in map(source.row, source.keys()):
        if row["code"] == request.params["province_code"]:
            return json_response(PROVINCES.render(world, [row], None)[0])
    raise not_found("Province", request.params["province_code"])


def _profile(world: World, _: Request) -> Response:
    return json_response(business_profile(world.account.name))


def settings(names: list[str]) -> Row:
    """Return the modules of the settings that were requested. `application` is always included."""
    optional = [name for name in _MODULES if name != "APPLICATION"]
    for name in names:
        if name.upper() not in _MODULES:
            raise bad_request(f"{name!r} is not one of the fields: {', '.join(optional)}", "fields")
    chosen = {"APPLICATION", *(name.upper() for name in names)}
    return {name.lower(): _MODULES[name] for name in _MODULES if name in chosen}


def _configuration(_: World, request: Request) -> Response:
    return json_response(settings(request.names("fields") or []))


def _enabled(_: World, __: Request) -> Response:
    return json_response({"isEnabled": True})


def _option_types(_: World, __: Request) -> Response:
    return json_response({"option_types": list(OPTION_TYPES)})


def _contact(world: World, request: Request) -> int:
    return find_key(world.account, "contacts", request.params["contact_id"], "Contact")


def contact_links(account: Account, key: int) -> list[Row]:
    """Return the links of a contact. Every link is listed under both contacts.

    Args:
        account: The account.
        key: Id of the contact.
    """
    table = account.tables["contact_link_rows"]
    keys = sorted({*table.children("contact1_id", str(key)), *table.children("contact2_id", str(key))})
    return [{name: value for name, value in table.row(link).items() if name != "id"} for link in keys]


def _links(world: World, request: Request) -> Response:
    rows = contact_links(world.account, _contact(world, request))
    return json_response({"links": apply_switches(rows, world.switches)})


def lead_score(account: Account, key: int) -> Row:
    """Return the lead score of a contact.

    Args:
        account: The account.
        key: Id of the contact, which must exist.
    """
    row = account.contacts.row(key)
    return {"score": str(row.get("score_value") or "0"), "last_updated": row.get("update_time")}


def _lead_score(world: World, request: Request) -> Response:
    return json_response(
        apply_switches([lead_score(world.account, _contact(world, request))], world.switches)[0]
    )


def signature(account: Account, key: int) -> str:
    """Return the signature under a user's emails.

    Args:
        account: The account.
        key: Id of the user, who must exist.
    """
    row = account.users.row(key)
    return f"<p>{row['given_name']} {row['family_name']}<br>Sandbox Inc. ☎</p>"


def _signature(world: World, request: Request) -> Response:
    key = find_key(world.account, "users", request.params["user_id"], "User")
    return snippet(world, signature(world.account, key))


def routes() -> list[Route]:
    """Return the read calls for settings, and for links, scores and signatures."""
    lists = (OPT_INS, COUNTRIES, GROUPS, LINK_TYPES, PROVINCES)
    return [
        *(route for listing in lists for route in listing.routes()),
        ("GET", "/v2/locales/countries/{country_code}", _one_country),
        ("GET", "/v2/locales/countries/{country_code}/provinces/{province_code}", _province),
        ("GET", "/v2/businessProfile", _profile),
        ("GET", "/v2/settings/applications:getConfiguration", _configuration),
        ("GET", "/v2/settings/applications:isEnabled", _enabled),
        ("GET", "/v2/settings/contactOptionTypes", _option_types),
        ("GET", "/v2/contacts/{contact_id}/links", _links),
        ("GET", "/v2/contacts/{contact_id}/leadScore", _lead_score),
        ("GET", "/v2/users/{user_id}/signature", _signature),
    ]
