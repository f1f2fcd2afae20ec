"""AffiliateProgramService: the commission programs of affiliates.

Source: the vendor's documentation of 2013; it does not show the last two methods' members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services.declaring import id_of, owner, present, service

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


METHODS: Mapping[str, Method] = service(
    "AffiliateProgramService",
    {
        "getAffiliatePrograms": Method(_all_programs, ((),)),
        "getProgramsForAffiliate": Method(_programs_of, ((int,),)),
    },
)
