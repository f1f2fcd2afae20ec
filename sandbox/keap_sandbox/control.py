"""The control paths, under /sandbox: the request log, fault rules, planted rows, the clock, switches."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keap_sandbox.engine import Engine
from keap_sandbox.faults.rules import BadRuleError
from keap_sandbox.records import BadRecordsError, count_all, plant, records
from keap_sandbox.responses import Response, json_response
from keap_sandbox.switches import BadSwitchError
from keap_sandbox.timestamps import iso_millis, parse_moment

if TYPE_CHECKING:
    from keap_sandbox.account import Account

__all__ = ["PATHS", "control"]

_YEAR_10000 = 253_402_300_800
"""In seconds since the epoch; Python has no dates from there on."""


class _ControlError(Exception):
    """A request to a control path that is wrong; the message says what would be right."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def control(engine: Engine, method: str, path: str, query: dict[str, str], body: bytes) -> Response:
    """Answer a request to a control path.

    Args:
        engine: The sandbox to look at or change.
        method: The HTTP method.
        path: The path, beginning with `/sandbox`.
        query: The decoded query parameters.
        body: The request's body: JSON, or nothing.

    Returns:
        The response; an error says what would have been right.
    """
    name, _, rest = path.removeprefix("/sandbox").strip("/").partition("/")
    paths = PATHS.get(name)
    try:
        if paths is None or (rest and name != "records"):
            allowed = ", ".join(f"/sandbox/{one}" for one in PATHS)
            raise _ControlError(f"no such control path; there are: {allowed}", 404)  # noqa: TRY301
        handler = paths.get(method)
        if handler is None:
            raise _ControlError(f"/sandbox/{name} takes {', '.join(paths)}", 405)  # noqa: TRY301
        return json_response(handler(engine, rest, query, _json(body)))
    except _ControlError as error:
        return json_response({"error": str(error)}, error.status)
    except (BadRuleError, BadSwitchError, BadRecordsError) as error:
        return json_response({"error": str(error)}, 400)


def _json(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return json.loads(
            body
        )  # unlike msgspec, it accepts lone surrogates and huge integers, which tests plant
    except ValueError as error:
        raise _ControlError(f"the body is not readable JSON: {error}") from None


def _object(body: Any, *names: str) -> dict[str, Any]:
    if not isinstance(body, dict) or any(name not in names for name in body):
        raise _ControlError(f"the body must be a JSON object with {', '.join(names)}")
    return body


def _requests(engine: Engine, _: str, query: dict[str, str], __: Any) -> Any:
    found = engine.log
    if "path" in query:
        found = [entry for entry in found if query["path"] in entry["path"]]
    return {"count": len(found), "requests": found}


def _clear_requests(engine: Engine, *_: Any) -> Any:
    engine.log.clear()
    return {"count": 0}


def _faults(engine: Engine, *_: Any) -> Any:
    return {"faults": [rule.as_dict() for rule in engine.faults.rules]}


def _add_faults(engine: Engine, _: str, __: dict[str, str], body: Any) -> Any:
    added = engine.faults.add(body)
    return {"added": added, "faults": len(engine.faults.rules)}


def _clear_faults(engine: Engine, *_: Any) -> Any:
    engine.faults.clear()
    return {"faults": 0}


def _clock(engine: Engine, *_: Any) -> Any:
    return {
        "now": iso_millis(engine.clock.millis()),
        "seconds": engine.clock.now(),
        "stands": engine.clock.stopped,
    }


def _move_clock(engine: Engine, _: str, __: dict[str, str], body: Any) -> Any:
    given = _object(body, "set", "advance", "stands")
    if "stands" in given:
        if given["stands"]:
            engine.clock.stop()
        else:
            engine.clock.run()
    if "set" in given:
        moment = parse_moment(given["set"], bare_date=True) if isinstance(given["set"], str) else None
        if moment is None:
            raise _ControlError("set takes a date-time like 2026-11-01T00:00:00Z")
        engine.clock.set(moment / 1000)
    if "advance" in given:
        if isinstance(given["advance"], bool) or not isinstance(given["advance"], int | float):
            raise _ControlError("advance takes seconds")
        if not 0 <= engine.clock.now() + given["advance"] < _YEAR_10000:
            raise _ControlError("advance: the clock must stay between 1970 and 9999")
        engine.clock.advance(given["advance"])
    return _clock(engine)


def _reset(engine: Engine, _: str, __: dict[str, str], body: Any) -> Any:
    given = _object(body or {}, "seed", "contacts")
    seed, contacts = given.get("seed", engine.seed), given.get("contacts", engine.contacts)
    if any(isinstance(one, bool) or not isinstance(one, int) for one in (seed, contacts)) or contacts < 0:
        raise _ControlError("seed takes a whole number, contacts one from 0")
    engine.start(seed, contacts)
    return {"seed": seed, "contacts": contacts}


def _records(engine: Engine, collection: str, query: dict[str, str], _: Any) -> Any:
    account = _account(engine, query)
    if not collection:
        return {"collections": count_all(account)}
    ids_only = query.get("ids_only", "").lower() in {"1", "true"}
    rows = records(account, collection, query.get("report_id", ""), ids_only=ids_only)
    return {"collection": collection, "count": len(rows), "records": rows}


def _account(engine: Engine, query: dict[str, str]) -> Account:
    """Return the account that the parameter `account` names; the first one without it."""
    try:
        return engine.account(query.get("account", ""))
    except KeyError as error:
        raise _ControlError(f"no account has the key, tenant id or name {error.args[0]!r}", 404) from None


def _plant(engine: Engine, collection: str, query: dict[str, str], body: Any) -> Any:
    given = _object(body, "upsert", "delete", "touch")
    upsert, delete = given.get("upsert") or [], given.get("delete") or []
    if not isinstance(upsert, list) or not all(isinstance(row, dict) for row in upsert):
        raise _ControlError("upsert takes a list of rows")
    if not isinstance(delete, list):
        raise _ControlError("delete takes a list of ids")
    changed = plant(_account(engine, query), collection, upsert, delete, touch=bool(given.get("touch")))
    return {"collection": collection, "changed": changed}


def _switches(engine: Engine, *_: Any) -> Any:
    return {"switches": engine.switches.as_dict()}


def _set_switches(engine: Engine, _: str, __: dict[str, str], body: Any) -> Any:
    if not isinstance(body, dict):
        raise _ControlError("the body must be a JSON object of switches")
    engine.set_switches(body)
    return _switches(engine)


def _oauth(engine: Engine, *_: Any) -> Any:
    return engine.oauth.status()


def _expire_tokens(engine: Engine, *_: Any) -> Any:
    engine.oauth.expire()
    return _oauth(engine)


def _quota(engine: Engine, *_: Any) -> Any:
    return {"quota": engine.quota.status()}


_Handler = Callable[[Engine, str, dict[str, str], Any], Any]
PATHS: dict[str, dict[str, _Handler]] = {
    "requests": {"GET": _requests, "DELETE": _clear_requests},
    "faults": {"GET": _faults, "POST": _add_faults, "DELETE": _clear_faults},
    "clock": {"GET": _clock, "POST": _move_clock},
    "reset": {"POST": _reset},
    "records": {"GET": _records, "POST": _plant},
    "switches": {"GET": _switches, "POST": _set_switches},
    "oauth": {"GET": _oauth, "DELETE": _expire_tokens},
    "quota": {"GET": _quota},
}
"""The handler of each control path and method."""
