"""Read calls for users, the user of the credential, and shipping methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.filtering.filters import Condition, Keys, Option, Text
from keap_sandbox.lists.v2 import Listing
from keap_sandbox.responses import Response, encode, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.account import Account
    from keap_sandbox.request import Request, Route, World
    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row

__all__ = ["SHIPPING", "USERS", "info", "routes"]


def _listed(account: Account, conditions: list[Condition]) -> Callable[[int], bool]:
    """Leave out inactive users and partners unless they are requested."""
    requested = {condition.name for condition in conditions if condition.value.lower() == "true"}

    def passes(key: int) -> bool:
        row = account.users.row(key)
        active = row.get("status") != "INACTIVE" or "include_inactive" in requested
        return active and (not row.get("partner") or "include_partners" in requested)

    return passes


USERS = Listing(
    path="/v2/users",
    items="users",
    source=lambda account, _: account.users,
    filters={
        "email": Text("email_addresses[].email"),
        "given_name": Text("given_name"),
        "include_inactive": Option(among=("true", "false")),
        "include_partners": Option(among=("true", "false")),
        "user_ids": Keys(),
    },
    order_by={"create_time": "create_time", "email": "email_addresses", "name": "family_name"},
    page_size_max=100,
    page_size_min=1,
    by_id="user_id",
    singular="User",
    base_test=_listed,
)


def _shipping_shape(row: Row, switches: Switches) -> Row:
    variant = switches.shipping_settings
    if variant == "missing":
        return {name: value for name, value in row.items() if name != "settings"}
    if variant == "object":
        return row
    settings = row.get("settings")
    others: dict[str, object] = {"empty": {}, "null": None, "string": encode(settings).decode()}
    return {**row, "settings": _as_xmlrpc(settings) if variant == "camel" else others[variant]}


def _as_xmlrpc(settings: Any) -> Any:
    """Convert members to the names and untyped values of the classic XML-RPC API."""
    if not isinstance(settings, dict):
        return settings
    return {
        name[0] + name.title().replace("_", "")[1:]: value
        if value is None or isinstance(value, list | dict)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
        for name, value in settings.items()
    }


SHIPPING = Listing(
    path="/v2/shipping",
    items="shipping_methods",
    source=lambda account, _: account.shipping_methods,
    paged=False,
    shape=_shipping_shape,
)


def _first(account: Account) -> Row:
    """Return the user of the credential, which is always the first one."""
    keys = account.users.keys()
    return account.users.row(keys[0]) if keys else {}


def info(account: Account) -> Row:
    """Return the details of the user of the credential."""
    row = _first(account)
    return {
        "email": row.get("keap_id"),
        "sub": row.get("keap_id"),
        "id": row.get("global_user_id"),
        "keap_id": row.get("keap_id"),
        "family_name": row.get("family_name"),
        "given_name": row.get("given_name"),
        "middle_name": row.get("middle_name"),
        "preferred_name": row.get("nickname"),
        "is_admin": row.get("admin"),
        "tenant_id": account.tenant,
    }


def user_info(world: World, _: Request) -> Response:
    """Return the user of the credential."""
    return json_response(info(world.account))


def _v1_user_info(world: World, _: Request) -> Response:
    row = _first(world.account)
    return json_response(
        {
            "email": row.get("keap_id"),
            "sub": row.get("keap_id"),
            "family_name": row.get("family_name"),
            "given_name": row.get("given_name"),
            "global_user_id": int(row.get("global_user_id") or 0),
            "infusionsoft_id": row.get("keap_id"),
            "is_admin": row.get("admin"),
            "middle_name": None,
            "preferred_name": None,
        }
    )


def routes() -> list[Route]:
    """Return the read calls for users and shipping methods."""
    return [
        *USERS.routes(),
        *SHIPPING.routes(),
        ("GET", "/v2/oauth/connect/userinfo", user_info),
        ("GET", "/v1/oauth/connect/userinfo", _v1_user_info),
    ]
