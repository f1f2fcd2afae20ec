"""AffiliateProgramService: the commission programs of affiliates.

Source: the vendor's documentation of 2013; it does not show the last two methods' members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.endpoints.affiliates import resources
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services.declaring import id_of, owner, present, service
from keap_sandbox.xmlrpc.tables.registry import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World
    from keap_sandbox.tables import Row

__all__ = ["METHODS"]

Struct = dict[str, Any]


def _program(row: Row) -> Struct:
    """Return a program. `AffiliateId` is 0 unless it is the override of one affiliate, as none here is."""
    return present(
        {
            "Id": id_of(row["id"]),
            "Name": row["name"],
            "Priority": id_of(row["priority"]),
            "Notes": row["notes"],
            "AffiliateId": 0,
        }
    )


def _all_programs(world: World, _: list[Any]) -> list[Struct]:
    return [_program(row) for row in world.account.commission_programs.rows()]


def _programs_of(world: World, params: list[Any]) -> list[Struct]:
    affiliate = owner(world, "affiliates", params[0])
    rows = world.account.commission_programs.rows()
    return [_program(row) for row in rows if affiliate in (row["affiliate_ids"] or ())]


def _all_fields(world: World, table: str, key: object) -> Struct:
    """Return every field of a record, custom ones included; nothing if there is no such record."""
    view, found = TABLES[table], id_of(key)
    try:
        row = view.rows(world.account).row(-1 if found is None else found)
    except KeyError:
        return {}
    inferred = {column.name for column in view.columns if column.inferred}
    return present({name: value for name, value in row.items() if name not in inferred})


def _affiliates(world: World, params: list[Any]) -> list[Struct]:
    """Return the affiliates of a program with their contacts, in one struct or in two."""
    program = owner(world, "commission_programs", params[0])
    account, found = world.account, list[Struct]()
    ids = account.commission_programs.row(int(program))["affiliate_ids"] if program is not None else None
    for one in ids or ():
        affiliate = _all_fields(world, "Affiliate", one)
        if not affiliate:
            continue
        contact = _all_fields(world, "Contact", affiliate.get("ContactId"))
        nested = world.switches.legacy_program_affiliates == "nested"
        found.append({"Affiliate": affiliate, "Contact": contact} if nested else contact | affiliate)
    return found


def _resources(world: World, params: list[Any]) -> list[Struct]:
    """Return the resources of a program with the fields of their data table."""
    program = owner(world, "commission_programs", params[0])
    if program is None:
        return []
    keys = resources(world.account, {"commission_program_id": program}).keys()
    return [_all_fields(world, "AffResource", key) for key in keys]


METHODS: Mapping[str, Method] = service(
    "AffiliateProgramService",
    {
        "getAffiliatePrograms": Method(_all_programs, ((),)),
        "getProgramsForAffiliate": Method(_programs_of, ((int,),)),
        # The documentation says int, and its sample sends a text
        "getAffiliatesByProgram": Method(_affiliates, ((int,), (str,))),
        "getResourcesForAffiliateProgram": Method(_resources, ((int,),)),
    },
)
