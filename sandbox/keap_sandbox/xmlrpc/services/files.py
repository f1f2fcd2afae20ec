"""FileService. Source: the vendor's documentation of 2013."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from keap_sandbox.endpoints.marketing import file_bytes
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services.declaring import by_id, service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World

__all__ = ["METHODS"]


def _file(world: World, params: list[Any]) -> str:
    """Return a file: as base64 in a text, not as the type base64."""
    row = by_id(world, "files", params[0])
    return base64.b64encode(file_bytes(world.account, int(row["id"]))).decode()


def _download_url(world: World, params: list[Any]) -> str:
    row = by_id(world, "files", params[0])
    return f"https://{world.account.tenant}/Download?Id={row['id']}"


METHODS: Mapping[str, Method] = service(
    "FileService",
    {
        "getFile": Method(_file, ((int,),)),
        "getDownloadUrl": Method(_download_url, ((int,),)),
    },
)
