"""What people read about the switches."""

from __future__ import annotations

from dataclasses import dataclass, fields

from keap_sandbox.switches import Switches

__all__ = ["SwitchDoc", "describe", "documentation"]

_GROUPS = {
    "Paging of v2 lists": "page_token_form",
    "Filters": "date_bounds",
    "Rows": "ids",
    "Reports and REST v1": "report_token_end",
    "XML-RPC": "legacy_unknown_ids",
    "Errors": "app_error",
    "Limits": "limits",
    "OAuth": "oauth_client_id",
    "Others": "tenant",
}
"""The titles of the groups of switches, and the first switch of each."""


@dataclass(frozen=True)
class SwitchDoc:
    """What people read about a switch."""

    name: str
    values: str
    default: str
    about: str


def documentation() -> dict[str, list[SwitchDoc]]:
    """Return what people read about all switches, by the title of their group."""
    groups: dict[str, list[SwitchDoc]] = {}
    group: list[SwitchDoc] = []
    titles = {first: title for title, first in _GROUPS.items()}
    for switch in fields(Switches):
        if switch.name in titles:
            group = groups.setdefault(titles[switch.name], [])
        choices = switch.metadata.get("choices") or switch.metadata.get("numbers")
        types = {str: "text", bool: "true|false", int: "whole number", float: "number"}
        values = "|".join(map(str, choices)) if choices else types[type(switch.default)]
        default = str(switch.default).lower() if isinstance(switch.default, bool) else str(switch.default)
        group.append(SwitchDoc(switch.name, values, default, switch.metadata["about"]))
    return groups


def describe() -> str:
    """Return the description of all switches for --help."""
    lines = []
    for title, group in documentation().items():
        lines.append(f"  {title}:")
        for switch in group:
            lines.append(f"    {switch.name}={switch.values}  (default: {switch.default or 'empty'})")
            lines.append(f"        {switch.about}")
    return "\n".join(lines)
