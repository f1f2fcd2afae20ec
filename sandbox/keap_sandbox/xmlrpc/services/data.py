"""DataService: the data tables, and a few facts about the account."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from keap_sandbox.request import parse_id
from keap_sandbox.sample_data.settings import configuration
from keap_sandbox.xmlrpc.eastern import eastern
from keap_sandbox.xmlrpc.faults import named, not_found
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.selection import OpenTable
from keap_sandbox.xmlrpc.services.declaring import service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keap_sandbox.request import World

__all__ = ["METHODS", "PASSWORD"]

PASSWORD = "sandbox"  # noqa: S105 - what it is for
"""The password of every user of a sample account."""
_TITLES = configuration()
_SETTINGS: dict[tuple[str, str], str] = {
    ("Application", "enabled"): "1",
    ("Application", "api_passphrase"): "sandbox-passphrase",
    ("Contact", "optiontypes"): _TITLES["CONTACT"]["contact_types"],
    ("Contact", "optiontitles"): _TITLES["CONTACT"]["title_types"],
    ("Contact", "optionsuffixes"): _TITLES["CONTACT"]["suffix_types"],
    ("Contact", "optionphonetypes"): _TITLES["CONTACT"]["phone_types"],
    ("Contact", "optionfaxtypes"): _TITLES["CONTACT"]["fax_types"],
    ("ContactAction", "optionstype"): _TITLES["NOTE"]["appointment_types"],
    ("Product", "trackcpu"): str(int(_TITLES["ECOMMERCE"]["track_cost_per_unit"])),
}
"""By module and setting, which are the names of the settings pages: one text, usually with commas."""


def _query(world: World, params: list[Any]) -> Any:
    name, limit, page, query, fields, order, ascending = [*params, "", False][:7]
    return OpenTable(world, name).page(query, fields, limit, page, order, ascending=ascending is True)


def _find_by_field(world: World, params: list[Any]) -> Any:
    name, limit, page, field, value, fields = params
    return OpenTable(world, name).page({field: value}, fields, limit, page)


def _load(world: World, params: list[Any]) -> Any:
    name, key, fields = params
    return OpenTable(world, name).load(key, fields)


def _count(world: World, params: list[Any]) -> Any:
    table = OpenTable(world, params[0])
    return len(table.find(table.conditions(params[1])))


def _setting(_: World, params: list[Any]) -> Any:
    module, setting = params
    return _SETTINGS.get((module, setting), "")


def _calendar_time(moment: datetime | None) -> str:
    return f"{moment:%Y%m%dT%H%M%S}" if moment else ""


def _appointment(world: World, params: list[Any]) -> Any:
    table = world.account.tables["appointments"]
    if params[0] not in table:
        raise not_found()
    row = table.row(params[0])
    zone = "TZID=America/New_York"
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Infusionsoft//Appointment//EN",
        "BEGIN:VEVENT",
        f"UID:{row['id']}@{world.account.tenant}",
        f"DTSTART;{zone}:{_calendar_time(eastern(row['start_time']))}",
        f"DTEND;{zone}:{_calendar_time(eastern(row['end_time']))}",
        f"SUMMARY:{row['title'] or ''}",
        f"LOCATION:{row['location'] or ''}",
        f"DESCRIPTION:{row['description'] or ''}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{line}\r\n" for line in lines)


def _authenticate(world: World, params: list[Any]) -> Any:
    username, digest = params
    for row in world.account.users.rows():
        if str(row.get("keap_id")).casefold() == username.casefold():
            if digest.casefold() == hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest():
                return parse_id(str(row["id"]))
            raise named(13, "Invalid username and/or password.")
    raise named(13, f"username not found: {username}")


def _user(world: World, _: list[Any]) -> Any:
    """Return who has the credential. The names of the members are from the vendor's pages of 2014."""
    users, tenant = world.account.users, world.account.tenant
    row = next(iter(users.rows()), {})
    return {
        "localUserId": parse_id(str(row.get("id"))),
        "globalUserId": parse_id(str(row.get("global_user_id"))),
        "displayName": f"{row.get('given_name') or ''} {row.get('family_name') or ''}".strip(),
        "casUsername": str(row.get("keap_id") or ""),
        "appUrl": f"https://{tenant}",
        "appAlias": tenant.partition(".")[0],
    }


_QUERY = (str, int, int, dict, list)
METHODS: Mapping[str, Method] = service(
    "DataService",
    {
        "query": Method(_query, (_QUERY, (*_QUERY, str), (*_QUERY, str, bool))),
        "findByField": Method(
            _find_by_field, ((str, int, int, str, str, list), (str, int, int, str, int, list))
        ),
        "load": Method(_load, ((str, int, list),)),
        "count": Method(_count, ((str, dict),)),
        "getAppSetting": Method(_setting, ((str, str),)),
        "getAppointmentICal": Method(_appointment, ((int,),)),
        "authenticateUser": Method(_authenticate, ((str, str),)),
        "getUserInfo": Method(_user, ((), (str,)), needs_key=False),
    },
)
