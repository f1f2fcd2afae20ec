"""The sandbox follows Keap's documents: responses fit, and only documented parameters are accepted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from keap_sandbox.engine import Engine
from keap_sandbox.records import records
from keap_sandbox.request import Request
from keap_sandbox.routing import Router
from keap_sandbox.switches import Switches
from keap_sandbox.timestamps import parse_moment

from . import reference
from .paths import NESTED, PARENTS, SINGLES

pytestmark = reference.present

Row = dict[str, Any]
# Deliberate differences from the documents: (path, property) -> reason
DIFFERENCES = {
    ("/v2/contacts", "notes"): "returned although the model lacks it, because `fields` can name it",
    (
        "/v2/contacts/{contact_id}",
        "notes",
    ): "returned although the model lacks it, because `fields` can name it",
}
NEEDS_FILTER = {"/v2/tags/-/contacts": "tag_ids==1,91", "/v2/contacts/-/tags": "contact_ids==1,8,15"}
OPAQUE = (":data", "/signature", "/legacyImageData")


class Account:
    """A sandbox account that is called directly, without a server."""

    def __init__(self, contacts: int = 150) -> None:
        self.engine = Engine(contacts=contacts, switches=Switches(limits="off"))
        self.headers = {"Authorization": f"Bearer {self.engine.api_key}"}
        self._ids: dict[str, list[Any]] = {}

    def __call__(self, path: str, **query: str) -> tuple[int, Any]:
        lists = {name: [value] for name, value in query.items()}
        answer, _ = self.engine.answer(
            Request("GET", path, query, lists, base="http://sandbox"), self.headers
        )
        is_json = answer.content_type == "application/json"
        return answer.status, json.loads(answer.body) if is_json else answer.body

    def rows(self, collection: str) -> list[Any]:
        if collection not in self._ids:
            self._ids[collection] = records(self.engine.world.account, collection)
        return self._ids[collection]

    def ids(self, collection: str) -> list[str]:
        return [str(row.get("id", row.get("email"))) for row in self.rows(collection)]

    def calls(self, path: str) -> Iterator[str]:
        """Yield some calls of a path, with ids that exist."""
        names = re.findall(r"\{(\w+)\}", path)
        if not names:
            yield path
        elif path.startswith("/v2/locales"):
            for row in self.rows("provinces" if len(names) > 1 else "countries"):
                code = path.replace("{country_code}", row["country_code"])
                yield code.replace("{province_code}", row.get("code", ""))
        elif "/model/customFields/" in path:
            record, part = path.split("/")[2], "groups" if "groups" in path else "tabs"
            for row in getattr(self.engine.world.account.custom_fields[record], part):
                yield re.sub(r"\{\w+\}", row["id"], path)
        elif len(names) > 1:
            collection, first, own = NESTED[names[1]]
            for row in self.rows(collection)[:12]:
                yield path.replace(f"{{{names[0]}}}", row[first]).replace(f"{{{names[1]}}}", row[own])
        else:
            ids = self.ids(SINGLES.get(path) or PARENTS[names[0]])
            linked = [row["contact1_id"] for row in self.rows("contact_links")[:2]]
            some_ids = [*ids[:8], *ids[-4:], *(linked if names[0] == "contact_id" else ())]
            for record_id in some_ids if len(ids) > 12 else ids:
                yield path.replace(f"{{{names[0]}}}", record_id)


@pytest.fixture(scope="module")
def account() -> Account:
    return Account()


def _formats() -> FormatChecker:
    checker = FormatChecker(())
    checker.checks("date-time")(lambda value: not isinstance(value, str) or parse_moment(value) is not None)
    checker.checks("date")(
        lambda value: not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
    )
    return checker


def _validator(schema: Any) -> Draft202012Validator:
    whole = {"components": {"schemas": reference.schemas()}, **schema}
    return Draft202012Validator(whole, format_checker=_formats())


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yield the innermost errors, but not those that only say that a value is not null."""
    for error in errors:
        if error.context:
            yield from _leaves(error.context)
        elif error.validator_value != "null":
            yield error


def _complaints(path: str, validator: Draft202012Validator, body: Any) -> list[str]:
    complaints = []
    for error in _leaves(validator.iter_errors(body)):
        text = f"{error.json_path}: {error.message[:200]}"
        if not any(different == path and f"'{name}'" in text for different, name in DIFFERENCES):
            complaints.append(text)
    return complaints


EARLIER = ("/v2/pipelines", "/v2/stages", "/v2/deals")
"""Paths that the documents of today lack, so that they are served by a switch only; see tests/contract."""
READS = sorted(
    {
        path
        for method, path, _ in Router().routes
        if method == "GET" and path.startswith("/v2/") and not path.startswith(EARLIER)
    }
)
FIELDS = {
    path: stream["sparse_fields"]
    for stream in reference.streams().values()
    if stream["sparse_fields"]
    for path in (stream["path"], stream["by_id_path"])
}


@pytest.mark.parametrize("path", READS)
def test_responses_fit_the_documented_schema(account: Account, path: str) -> None:
    schema = reference.response(path)  # fails if the sandbox serves a path that is not documented
    validator = _validator(schema) if schema else None
    tried, rows, is_list = 0, 0, False
    for call in account.calls(path):
        for fields in (None, FIELDS.get(path)):
            query = {"fields": ",".join(fields)} if fields else {}
            if path in NEEDS_FILTER:
                query["filter"] = NEEDS_FILTER[path]
            status, body = account(call, **query)
            if status == 404 and path.endswith("/legacyImageData"):
                continue
            for _ in range(3):
                assert status == 200, (call, body)
                tried += 1
                if validator is None:
                    assert path.endswith(OPAQUE) or isinstance(body, str)
                    break
                assert _complaints(path, validator, body) == [], call
                if isinstance(body, dict):
                    lists = [value for value in body.values() if isinstance(value, list)]
                    is_list = bool(lists)
                    rows += sum(map(len, lists))
                token = body.get("next_page_token") if isinstance(body, dict) else None
                if not token or "page_size" in query:
                    break
                query = {**query, "page_size": "7", "page_token": token.rpartition("page_token=")[2]}
                status, body = account(call, **query)
    assert tried
    assert rows or not is_list or path in SINGLES, f"{path} returned no rows"


@pytest.mark.parametrize("stream", sorted(reference.streams()))
def test_every_stream_is_served_and_its_records_have_the_documented_columns(
    account: Account, stream: str
) -> None:
    what = reference.streams()[stream]
    assert any(
        method == what["method"] and reference.without_names(path) == reference.without_names(what["path"])
        for method, path, _ in account.engine.router.routes
    )
    if stream == "report_rows":
        return
    rows = account.rows(stream)
    assert rows
    assert set(rows[0]) == set(what["properties"])


LISTS = {
    what["path"]: what
    for what in reference.streams().values()
    if what["paging"]["style"] == "token" and what["method"] == "GET"
}
OPERATORS = ("==", "!=", ">", "<", ">=", "<=")
VALUES = {
    "phone_number": "(555)*",
    "phone_fields": "PHONE1,PHONE2",
    "include_inactive": "true",
    "include_partners": "false",
    "has_due_date": "true",
    "is_completed": "false",
    "is_successful": "true",
    "status": "ACTIVE",
}
TRUE_OR_FALSE = (
    "apply_to_commissions", "hide_price", "active", "paid", "opted_in", "is_public", "skip_commission",
)  # fmt: skip


def _value(name: str, what: Row) -> str:
    if what.get("values"):
        return str(what["values"][0])
    if what.get("value") == "date-time" or name.endswith("_time"):
        return "2026-01-15T00:00:00.000Z"
    if what.get("value") == "true|false" or name in TRUE_OR_FALSE:
        return "true"
    if what.get("value") == "comma-separated list" and name not in VALUES:
        return "1,8"
    return VALUES.get(name, "1")


def _base(path: str, name: str) -> str:
    """Return the other conditions that Keap requires with a filter."""
    if name == "phone_number":
        return "phone_fields==PHONE1;"
    needed = NEEDS_FILTER.get(path, "")
    return f"{needed};" if needed and not needed.startswith(name) else ""


@pytest.mark.parametrize("path", sorted(LISTS))
def test_documented_parameters_are_accepted_and_others_refused(account: Account, path: str) -> None:
    what = LISTS[path]
    call = next(account.calls(path))
    base = {"filter": NEEDS_FILTER[path]} if path in NEEDS_FILTER else {}
    for name, limits in what["filters"].items():
        value = _value(name, limits)
        for op in OPERATORS:
            status, body = account(call, filter=f"{_base(path, name)}{name}{op}{value}")
            assert (status == 200) == (op in limits["ops"]), (name, op, value, body)
        if limits.get("wildcard") and name != "phone_number":
            assert account(call, filter=f"{name}==Ab*")[0] == 200, name
            assert account(call, filter=f"{name}==*ab")[0] == 400, name
        if limits.get("empty_sentinel"):
            assert account(call, filter=f"{_base(path, name)}{name}=={limits['empty_sentinel']}")[0] == 200
        if limits.get("max_values"):
            many = ",".join(map(str, range(1, limits["max_values"] + 2)))
            assert account(call, filter=f"{name}=={many}")[0] == 400, name
    assert account(call, filter="nonsense==1")[0] == 400
    for name in what["order_by"] or []:
        for direction in ("asc", "desc"):
            assert account(call, **base, order_by=f"{name} {direction}")[0] == 200, name
    assert account(call, **base, order_by="nonsense asc")[0] == 400
    if "id" not in (what["order_by"] or []):
        assert account(call, **base, order_by="id asc")[0] == 400
    maximum = what["page_size_max"]
    assert account(call, **base, page_size=str(maximum))[0] == 200
    assert account(call, **base, page_size=str(maximum + 1))[0] == 400
    if what["sparse_fields"]:
        assert account(call, **base, fields=",".join(what["sparse_fields"]))[0] == 200
        assert account(call, **base, fields="nonsense")[0] == 400
    assert account(call, **base, email="x", limit="1", since="y")[0] == 200  # unknown parameters are ignored


def test_all_pages_of_a_list_make_up_the_collection(account: Account) -> None:
    """For every list that has no parent."""
    for stream, what in reference.streams().items():
        has_simple_pages = (
            "{" not in what["path"] and what["paging"]["style"] == "token" and not what.get("derived_from")
        )
        if not has_simple_pages or what["path"] in NEEDS_FILTER or what["method"] != "GET":
            continue
        query: dict[str, str] = {"page_size": "25"}
        if what["sparse_fields"]:
            query["fields"] = ",".join(what["sparse_fields"])
            if stream == "companies":
                query["fields"] += ",address,custom_fields,email_address,fax_number,phone_number,notes"
        if stream == "users":
            query["filter"] = "include_inactive==true;include_partners==true"
        listed: list[Any] = []
        for _ in range(400):
            status, body = account(what["path"], **query)
            assert status == 200, (stream, body)
            listed += body[what["records_key"]]
            token = (body.get("next_page_token") or "").rpartition("page_token=")[2]
            if not token:
                break
            query["page_token"] = token
        records = account.rows(stream)
        assert len(listed) == len(records), stream
        if stream in {"contacts", "automation_ids", "opportunities"}:
            continue  # they have optional fields, which are not requested here
        assert sorted(json.dumps(row, sort_keys=True) for row in listed) == sorted(
            json.dumps(row, sort_keys=True) for row in records
        ), stream
