"""Fault rules: which calls go wrong, when, and how.

A rule has three parts: `match` selects calls, `when` selects some of these by counting them, and `what` says
what happens.
The settings of all parts may also be given in one flat object.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from keap_sandbox.faults.catalog import CATALOG, SHAPES
from keap_sandbox.faults.effects import Effect, FaultContext
from keap_sandbox.faults.xmlrpc_faults import XMLRPC_FAULTS, check_xmlrpc_fault
from keap_sandbox.quota import add_retry_after
from keap_sandbox.responses import JSON, Response
from keap_sandbox.xmlrpc.calls import Call

__all__ = ["MATCH", "WHAT", "WHEN", "BadRuleError", "Faults", "Rule", "read_rule"]

MATCH = ("method", "path", "path_prefix", "path_regex", "query", "rpc", "table", "params")
WHEN = ("nth", "after", "times", "always")
WHAT = (
    "name", "shape", "size", "location", "status", "headers", "body", "content_type", "delay", "hang",
    "reset_after_bytes", "truncate_at", "drip", "chunks", "endless", "gzip_bomb",
    "code", "text", "row", "id", "field", "xml", "encoding", "kinds", "failures",
)  # fmt: skip


Matcher = Callable[[str, str, str, str, dict[str, str], Call | None], bool]


class BadRuleError(ValueError):
    """A rule that is wrong; the message says what would be right."""


@dataclass
class Rule:
    """A rule, with the counts of the calls that it matched and of those that it made go wrong."""

    source: dict[str, Any]
    """The rule as it was given."""
    matches: Matcher
    nth: frozenset[int]
    """The matching calls that go wrong, counted from 1; if empty, `after` and `times` decide."""
    after: int
    """The number of matching calls that come through first."""
    times: int | None
    """The number of calls that go wrong; None for all."""
    what: dict[str, Any]
    seen: int = 0
    fired: int = 0
    memory: dict[str, Any] = field(default_factory=dict)

    def applies(self) -> bool:
        """Count a matching call; return True if it goes wrong."""
        self.seen += 1
        if self.nth:
            return self.seen in self.nth
        return self.seen > self.after and (self.times is None or self.fired < self.times)

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as it was given, with `seen` and `fired`."""
        return {**self.source, "seen": self.seen, "fired": self.fired}


def _fold(raw: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Sort the settings of a rule into match, when and what."""
    parts: dict[str, dict[str, Any]] = {"match": {}, "when": {}, "what": {}}
    for name, value in raw.items():
        if name in parts:
            if not isinstance(value, dict):
                raise BadRuleError(f"{name} must be an object")
            parts[name].update(value)
            continue
        for part, names in (("match", MATCH), ("when", WHEN), ("what", WHAT)):
            if name in names:
                parts[part][name] = value
                break
        else:
            raise BadRuleError(f"unknown setting {name!r}; a rule has match, when and what")
    for part, names in (("match", MATCH), ("when", WHEN), ("what", WHAT)):
        for name in parts[part]:
            if name not in names:
                raise BadRuleError(f"unknown setting {name!r} in {part}; there are {', '.join(names)}")
    return parts


def _query_matches(query: object, raw_query: str, decoded: dict[str, str]) -> bool:
    if isinstance(query, dict):
        return all(str(value) in decoded.get(name, "") for name, value in query.items())
    wanted = str(query)
    return wanted in raw_query or any(wanted in f"{name}={value}" for name, value in decoded.items())


def _path_test(match: dict[str, Any]) -> Callable[[str], bool]:
    """Return a test of paths: exact, by prefix (`/v2/tags*`) or by regular expression (`~contacts$`)."""
    path, prefix, regex = match.get("path"), match.get("path_prefix"), match.get("path_regex")
    if isinstance(path, dict):
        prefix, regex, path = path.get("prefix", prefix), path.get("regex", regex), path.get("exact")
    if isinstance(path, str) and path.startswith("~"):
        regex, path = path[1:], None
    if isinstance(path, str) and path.endswith("*"):
        prefix, path = path[:-1], None
    try:
        pattern = re.compile(regex) if regex else None
    except re.error as error:
        raise BadRuleError(f"path: {regex!r} is not a regular expression ({error})") from None

    def test(one: str) -> bool:
        exact = path is None or one == path
        return (
            exact
            and (prefix is None or one.startswith(prefix))
            and (pattern is None or bool(pattern.search(one)))
        )

    return test


def _call_test(match: dict[str, Any]) -> Callable[[Call | None], bool]:
    """Return a test of XML-RPC calls: by method (`SearchService.*`), data table, text in the parameters."""
    rpc, table, params = match.get("rpc"), match.get("table"), match.get("params")
    for name, value in (("rpc", rpc), ("table", table), ("params", params)):
        if value is not None and not isinstance(value, str):
            raise BadRuleError(f"{name} must be a text")
    if rpc is None and table is None and params is None:
        return lambda _: True

    def test(call: Call | None) -> bool:
        return (
            call is not None
            and (
                rpc is None or (call.method.startswith(rpc[:-1]) if rpc.endswith("*") else call.method == rpc)
            )
            and (table is None or call.table == table)
            and (params is None or params in call.text)
        )

    return test


def _matcher(match: dict[str, Any]) -> Matcher:
    method = str(match["method"]).upper() if match.get("method") else None
    path_test = _path_test(match)
    query = match.get("query")
    call_test = _call_test(match)

    def matches(
        verb: str,
        raw_path: str,
        documented_path: str,
        raw_query: str,
        decoded: dict[str, str],
        call: Call | None,
    ) -> bool:
        return (
            method in {None, verb}
            and call_test(call)
            and (path_test(raw_path) or path_test(documented_path))
            and (query is None or _query_matches(query, raw_query, decoded))
        )

    return matches


def _numbers(when: dict[str, Any]) -> tuple[frozenset[int], int, int | None]:
    try:
        nth = when.get("nth")
        some = nth if isinstance(nth, list) else [] if nth is None else [nth]
        times = when.get("times")
        numbers = (
            frozenset(int(one) for one in some),
            int(when.get("after", 0)),
            None if times is None else int(times),
        )
    except (TypeError, ValueError, OverflowError):
        raise BadRuleError("nth, after and times must be whole numbers") from None
    if any(one < 1 for one in numbers[0]) or numbers[1] < 0 or (numbers[2] or 0) < 0:
        raise BadRuleError("nth counts calls from 1; after and times must be whole numbers from 0")
    return numbers


_RANGES = {
    "size": (0, 1_000_000),
    "status": (200, 599),
    "delay": (0, 3_600),
    "reset_after_bytes": (0, 2**40),
    "truncate_at": (0, 2**40),
    "drip": (0, 2**40),
    "chunks": (1, 2**40),
    "code": (-(2**31), 2**31 - 1),
    "row": (0, 999),
    "failures": (0, 1_000_000),
}
"""The settings of `what` that are numbers, with their least and greatest values."""


def _check_ranges(what: dict[str, Any]) -> None:
    for key, (least, most) in _RANGES.items():
        if key not in what:
            continue
        value = what[key]
        if key == "drip" and isinstance(value, dict):
            value = value.get("bytes_per_second", 1)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadRuleError(f"{key} must be a number")
        if not least <= value <= most:
            raise BadRuleError(f"{key} must be from {least} to {most}, not {value}")
    if not isinstance(what.get("headers", {}), dict):
        raise BadRuleError("headers must be an object")


def read_rule(raw: object) -> Rule:
    """Read a rule from its JSON form.

    Raises:
        BadRuleError: If the rule is wrong; the message says what would be right.
    """
    if not isinstance(raw, dict):
        raise BadRuleError("a rule must be an object")
    parts = _fold(raw)
    what = parts["what"]
    if not what:
        raise BadRuleError("a rule needs a what: the name of a fault, a status, or a network fault")
    name = what.get("name")
    if name is not None and name not in CATALOG:
        raise BadRuleError(f"no fault is named {name!r}; there are: {', '.join(CATALOG)}")
    if what.get("shape") is not None and what["shape"] not in SHAPES:
        raise BadRuleError(f"no shape is named {what['shape']!r}; there are: {', '.join(SHAPES)}")
    _check_ranges(what)
    if name in XMLRPC_FAULTS:
        parts["match"].setdefault("rpc", "*")
        problem = check_xmlrpc_fault(what)
        if problem:
            raise BadRuleError(problem)
    nth, after, times = _numbers(parts["when"])
    return Rule(raw, _matcher(parts["match"]), nth, after, times, what)


def _own_effect(what: dict[str, Any]) -> Effect:
    """Return the effect of a rule that spells out the response instead of naming a fault of the catalog."""
    response = None
    if "status" in what or "body" in what or "content_type" in what or "headers" in what:
        body = what.get("body", "")
        raw = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
        kind = what.get("content_type", JSON if raw else None)
        response = Response(
            int(what.get("status", 200)),
            raw,
            kind,
            {k.lower(): str(v) for k, v in what.get("headers", {}).items()},
        )
    return Effect(response)


class Faults:
    """All rules. If several apply to a call, the first decides."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, raw: object) -> int:
        """Add a rule or a list of rules; if one is wrong, none is added.

        Args:
            raw: The rule or rules in JSON form.

        Returns:
            The number of rules added.

        Raises:
            BadRuleError: If a rule is wrong.
        """
        new = [read_rule(one) for one in (raw if isinstance(raw, list) else [raw])]
        self.rules += new
        return len(new)

    def clear(self) -> None:
        """Remove all rules."""
        self.rules = []

    def fault_of(
        self,
        method: str,
        paths: tuple[str, str],
        raw_query: str,
        query: dict[str, str],
        context: FaultContext,
        now: float,
    ) -> tuple[Rule, Effect] | None:
        """Find what goes wrong with a call, and count the call.

        Args:
            method: The HTTP method.
            paths: The path as it was requested, and as Keap documents it; a rule may name either.
            raw_query: The query string as it was sent.
            query: The decoded query parameters.
            context: What the fault can see; this method adds the settings and the memory of the rule.
            now: The time in seconds since the epoch.

        Returns:
            The rule and its effect; None if the call goes right.
        """
        hit = None
        for rule in self.rules:
            # Every matching rule counts the call, so "the 3rd call" means the same whatever other rules do
            if (
                rule.matches(method, *paths, raw_query, query, context.call)
                and rule.applies()
                and hit is None
            ):
                hit = rule
        if hit is None:
            return None
        hit.fired += 1
        context.what, context.memory = hit.what, hit.memory
        what = hit.what
        name = what.get("name") or ("gzip_bomb" if what.get("gzip_bomb") else None)
        effect = CATALOG[name][1](context) if name else _own_effect(what)
        if effect.response is not None and effect.response.status == 429:  # noqa: PLR2004
            window = effect.exhausted.removeprefix("tenant_") or "second"
            add_retry_after(effect.response, window, now, context.switches)
        if name and effect.response is not None:
            effect.response.headers |= {
                key.lower(): str(value) for key, value in what.get("headers", {}).items()
            }
        effect.delay = float(what.get("delay", effect.delay))
        effect.hang = bool(what.get("hang", effect.hang))
        effect.endless = bool(what.get("endless", effect.endless))
        for key in ("reset_after_bytes", "truncate_at", "chunks"):
            if key in what:
                setattr(effect, key, int(what[key]))
        drip = what.get("drip")
        if drip:
            effect.drip = float(drip.get("bytes_per_second", 1) if isinstance(drip, dict) else drip)
        return hit, effect
