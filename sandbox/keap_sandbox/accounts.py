"""Further accounts of one sandbox: each has its own key, data, tenant id and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AccountOptions", "BadAccountError", "check_accounts", "parse_account"]

_NAMES = ("key", "tenant", "name", "seed", "contacts")


class BadAccountError(ValueError):
    """A further account is described wrongly; the message says what would be right."""


@dataclass(frozen=True)
class AccountOptions:
    """A further account.

    Attributes:
        key: The API key that opens it.
        tenant: Its tenant id.
        name: Its name in the business profile.
        seed: Selects its sample data.
        contacts: The number of its contacts.
    """

    key: str
    tenant: str
    name: str
    seed: int = 1
    contacts: int = 2000


def parse_account(text: str) -> AccountOptions:
    """Parse `key=...,tenant=...,name=...,seed=...,contacts=...`; seed and contacts may be left out.

    Raises:
        BadAccountError: If something else is there, or one of the first three is missing.
    """
    given: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (one.strip() for one in part.partition("="))
        if not equals or name not in _NAMES or name in given:
            raise BadAccountError(
                f"{part.strip()!r} is not NAME=VALUE, with each of {', '.join(_NAMES)} once"
            )
        given[name] = value
    for name in ("key", "tenant", "name"):
        if not given.get(name):
            raise BadAccountError(f"{text!r} has no {name}")
    return AccountOptions(
        given["key"],
        given["tenant"],
        given["name"],
        _whole(given, "seed", AccountOptions.seed),
        _whole(given, "contacts", AccountOptions.contacts),
    )


def _whole(given: dict[str, str], name: str, default: int) -> int:
    value = given.get(name)
    if value is None:
        return default
    if not (value.isdigit() and value.isascii()):
        raise BadAccountError(f"{name} is {value!r}, not a whole number from 0")
    return int(value)


def check_accounts(accounts: Iterable[AccountOptions], key: str, tenant: str) -> None:
    """Refuse accounts that could not be told apart.

    Args:
        accounts: The further accounts.
        key: The API key of the first account.
        tenant: Its tenant id.

    Raises:
        BadAccountError: If two have the same key or tenant id.
    """
    keys, tenants = {key}, {tenant}
    for one in accounts:
        if one.key in keys or one.tenant in tenants:
            raise BadAccountError(f"the key or tenant id of {one.name!r} is that of another account")
        keys.add(one.key)
        tenants.add(one.tenant)
