"""The JSON Schema of a configuration file, for editors: `docs/config.schema.json`, which `make docs` writes.

Types, limits and texts come from the declarations of the settings. Here is what the tap checks besides, as
far as a schema can say it. A test compares the schema with what the tap takes.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from tap_infusionsoft import wings
from tap_infusionsoft.config.schema import SETTINGS
from tap_infusionsoft.config.setting_types import Date, ListOfObjects, Texts
from tap_infusionsoft.queries.classic.tables import TABLES
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tap_infusionsoft.config.setting_types import Setting

Json = dict[str, Any]
FILE = "docs/config.schema.json"

ID = r"^\s*[0-9]+\s*$"
EMAIL = r"^\s*[^,;*\s]([^,;* ]*[^,;*\s])?\*?\s*$"
TOKEN = r"^(\s*[!-~]{1,4096}\s*)?$"  # noqa: S105  # the characters of a credential
KEAP = r"^(https://([A-Za-z0-9-]+\.)*(infusionsoft|keap)\.com(:443)?/?|https?://(127(\.[0-9]+){3}|localhost|\[::1\])(:[0-9]+)?/?)?$"
REDIRECT = r"^(\s*[hH][tT][tT][pP][sS]://[!$-?A-~]+\s*)?$"
ABSOLUTE = r"^((/|~)(?!.*://)[^\u0000]*[^\u0000/])?$"
REPORT = r"^([^\u0000]*[^/\u0000]\.([jJ][sS][oO][nN]|[hH][tT][mM][lL]?))?$"
QUERY_NAME = r"^\s*[a-z][a-z0-9_]{0,59}\s*$"


def _either_case(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, in capitals or not."""
    return "|".join("".join(f"[{one.lower()}{one.upper()}]" for one in word) for word in words)


_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
_UNITS = [f"{unit}{s}" for unit in ("hour", "day", "week", "month", "year") for s in ("", "s")] + [*"hdwmy"]
DATE = (
    rf"^(\s*({_DAY}({_TIME})?|{_either_case(('now', 'today', 'yesterday'))}"
    rf"|-?\s*[0-9]{{1,5}}\s*({_either_case(_UNITS)})(\s+({_either_case(('ago',))}))?)\s*)?$"
)

PATTERNS = {
    "api_key": TOKEN,
    "access_token": TOKEN,
    "refresh_token": TOKEN,
    "client_id": r"^(\s*[!-9;-~]{1,4096}\s*)?$",
    "client_secret": TOKEN,
    "token_file": ABSOLUTE,
    "redirect_uri": REDIRECT,
    "api_url": KEAP,
    "report_file": REPORT,
}
"""Setting -> pattern of its texts, the empty one included, which counts as not set."""

_SET = {"type": "string", "minLength": 1}
CONTRADICTIONS = (
    ("api_key", "access_token"),
    ("api_key", "refresh_token"),
    ("access_token", "refresh_token"),
    *(
        (key, other)
        for key in ("api_key", "access_token")
        for other in ("client_id", "client_secret", "token_file")
    ),
)
"""Settings of which only one may be set, in pairs. None need be: the rest may be in the environment."""


def schema() -> Json:
    """Return the schema."""
    TapInfusionsoft.append_builtin_config(TapInfusionsoft.config_jsonschema)
    declared = _without_wrong_parts(copy.deepcopy(TapInfusionsoft.config_jsonschema["properties"]))
    own = SETTINGS | {one.name: one for one in wings.settings()}
    properties = {name: _refined(name, one, own.get(name)) for name, one in declared.items()}
    for name in own.keys() - SETTINGS.keys():
        properties[name]["$comment"] = "wing"
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Configuration of tap-infusionsoft",
        "type": "object",
        "properties": {
            "$schema": {
                "type": "string",
                "description": "Where editors find this schema. The tap ignores it.",
            },
            **properties,
        },
        "additionalProperties": False,
        "allOf": [_not_both(*pair) for pair in CONTRADICTIONS],
    }


def text() -> str:
    """Return the schema as it is written."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def write(root: Path) -> None:
    """Write the schema.

    Args:
        root: The checkout.
    """
    (root / FILE).write_text(text(), encoding="utf-8")


def _refined(name: str, declared: Json, setting: Setting[Any, Any] | None) -> Json:
    """Add what the tap checks to the schema of a setting."""
    declared.pop("secret", None)  # a word of the SDK's
    if name in PATTERNS:
        declared["pattern"] = PATTERNS[name]
    if name in _MORE:
        _MORE[name](declared)
    match setting:
        case Date():
            declared["pattern"] = DATE
        case Texts():
            declared["items"] |= _text(setting)
        case ListOfObjects(keys=keys):
            for key in keys:
                if isinstance(key, Texts):
                    declared["items"]["properties"][key.name]["items"] |= _text(key)
    return declared


def _text(setting: Texts) -> Json:
    match setting.kind:
        case "ids":
            return {"pattern": ID, "minimum": 0}
        case "emails":
            return {"pattern": EMAIL}
        case "names":
            return {}


def _refine_streams(declared: Json) -> None:
    declared["items"]["examples"] = [*COLLECTIONS]


def _refine_stream_settings(declared: Json) -> None:
    every = {"$ref": "#/properties/stream_settings/additionalProperties"}
    declared["properties"] = dict.fromkeys(COLLECTIONS, every)


def _refine_queries(declared: Json) -> None:
    query = declared["items"]
    keys = query["properties"]
    keys["name"]["pattern"] = QUERY_NAME
    keys["stream"]["examples"] = [*COLLECTIONS]
    keys["table"]["examples"] = [*TABLES]
    for key in ("fields", "ids"):
        keys[key]["minItems"] = 1
    keys["fields"]["items"]["pattern"] = r"\S"
    said = {
        key: {"required": [key], "properties": {key: {"type": "string", "pattern": r"\S"}}} for key in keys
    }
    query["anyOf"] = [said["stream"], said["table"]]
    query["allOf"] = [
        {"not": {"allOf": [said["filter"], said["table"]]}},
        {"if": said["query"], "then": said["table"]},
    ]


def _refine_batches(declared: Json) -> None:
    """Only take what the tap can write: the SDK's schema also has Parquet."""
    encoding, storage = (declared["properties"][name] for name in ("encoding", "storage"))
    encoding["properties"]["format"] = {"const": "jsonl", "description": "Files of JSON lines."}
    encoding["properties"]["compression"]["enum"] = ["gzip", "none", None]
    encoding["required"], storage["required"] = ["format"], ["root"]
    storage["properties"]["params"] = {
        "type": ["object", "null"],
        "description": "What the file system needs.",
    }
    storage["properties"]["root"] |= {"type": "string", "minLength": 1}
    for part in (encoding, storage, declared):
        part["additionalProperties"] = False
    declared["if"] = {"properties": {"encoding": {"type": "object"}}, "required": ["encoding"]}
    declared["then"] = {"properties": {"storage": {"type": "object"}}, "required": ["storage"]}
    declared["properties"]["batch_size"] = {"type": ["integer", "null"], "minimum": 1}


_MORE = {
    "streams": _refine_streams,
    "queries": _refine_queries,
    "stream_settings": _refine_stream_settings,
    "batch_config": _refine_batches,
}
"""Setting -> what adds to its schema."""


def _not_both(one: str, other: str) -> Json:
    return {
        "not": {"required": [one, other], "properties": {one: _SET, other: _SET}},
        "errorMessage": f"{one} and {other} cannot both be set: the tap uses one credential.",
    }


def _without_wrong_parts(part: Any) -> Any:
    """Repair what the SDK's schemas of its settings get wrong.

    Among alternatives they have the text "null", which is no schema, beside the schema that means it. And
    where null is allowed, their words do not include it.
    """
    if isinstance(part, list):
        return [_without_wrong_parts(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: _without_wrong_parts(one) for name, one in part.items()}
    for name in ("anyOf", "oneOf"):
        if isinstance(found.get(name), list):
            found[name] = [one for one in found[name] if one != "null"]
    if isinstance(found.get("enum"), list) and "null" in found.get("type", ()) and None not in found["enum"]:
        found["enum"] = [*found["enum"], None]
    return found
