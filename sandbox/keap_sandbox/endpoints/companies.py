"""Read calls for companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.lookup import find_key
from keap_sandbox.filtering.filters import RANGE_OPS, Key, Since, Text, Until
from keap_sandbox.lists.v2 import Listing, Sparse, View
from keap_sandbox.responses import Response, bad_request, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.request import Request, Route, World
    from keap_sandbox.tables import Source

__all__ = ["COMPANIES", "routes"]

_OPTIONAL = (
    "notes", "fax_number", "address", "email_address", "phone_number", "update_time", "create_time",
    "custom_fields",
)  # fmt: skip
_DEFAULT = (
    "id", "company_name", "website", "suffix", "title", "groups", "anniversary_date", "assistant_name",
    "assistant_phone", "billing_information", "birth_date", "contact_type", "first_name", "job_title",
    "last_name", "middle_name", "preferred_name", "owner_id", "referral_code", "spouse_name", "account_id",
    "created_by", "last_updated_by",
)  # fmt: skip
_DOCUMENTED = ("company_name", "website", *_OPTIONAL)
# For a single company, the documents name other optional fields than for the list. Such a company always has
# create_time and update_time
_OPTIONAL_BY_ID = (
    "address",
    "custom_fields",
    "email_address",
    "fax_number",
    "phone_number",
    "website",
    "notes",
)


def _source(account: Account, _: Mapping[str, str]) -> Source:
    return View(account.companies, account.company, (account.company_tags_version,))


COMPANIES = Listing(
    path="/v2/companies",
    items="companies",
    source=_source,
    filters={
        "company_name": Text("company_name"),
        "name": Text("company_name", prefix=True),
        "email": Text("email_address.email"),
        "city": Text("address.locality", prefix=True),
        "state": Text("address.region", prefix=True),
        "since_time": Since("update_time"),
        "until_time": Until("update_time"),
        "company_id": Key(ops=RANGE_OPS),
    },
    order_by={"id": "", "create_time": "create_time", "name": "company_name", "email": "email_address.email"},
    sparse=Sparse(
        allowed=lambda switches: (
            _DOCUMENTED if switches.company_field_names == "documented" else (*_DEFAULT, *_OPTIONAL)
        ),
        default=_DEFAULT,
        adds=lambda switches: switches.company_fields == "add",
        always=("id",),
    ),
    custom_fields="companies",
    singular="Company",
)


def get_company(world: World, request: Request) -> Response:
    """Return one company, with the optional fields that `fields` names."""
    key = find_key(world.account, "companies", request.params["company_id"], "Company")
    requested = request.names("fields") or []
    allowed = (*_OPTIONAL_BY_ID, *_DEFAULT, "create_time", "update_time")
    for name in requested:
        if name not in allowed:
            raise bad_request(f"{name!r} is not one of the fields: {', '.join(_OPTIONAL_BY_ID)}", "fields")
    names = tuple(dict.fromkeys((*_DEFAULT, "create_time", "update_time", *requested)))
    return json_response(COMPANIES.render(world, [world.account.company(key)], names)[0])


def routes() -> list[Route]:
    """Return the read calls for companies."""
    return [*COMPANIES.routes(), ("GET", "/v2/companies/{company_id}", get_company)]
