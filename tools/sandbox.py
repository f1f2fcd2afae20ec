"""The tables of sandbox/README.md: the sandbox's faults, switches, and what there is of XML-RPC."""

from __future__ import annotations

import textwrap

from keap_sandbox.faults.catalog import GROUPS
from keap_sandbox.switch_docs import documentation
from keap_sandbox.xmlrpc.registry import METHODS
from keap_sandbox.xmlrpc.tables.registry import TABLES


def faults() -> str:
    """Return the tables of faults, one per group."""
    parts = []
    for title, group in GROUPS.items():
        parts += [f"**{title}**", "", "| Fault | What happens (and the settings it uses) |", "|---|---|"]
        parts += [f"| `{name}` | {about} |" for name, (about, _) in group.items()]
        parts.append("")
    return "\n".join(parts).rstrip()


def switches() -> str:
    """Return the tables of switches, one per group."""
    parts = []
    for title, group in documentation().items():
        parts += [f"**{title}**", "", "| Switch | Values | Default | Meaning |", "|---|---|---|---|"]
        for one in group:
            values = one.values.replace("|", ", ")
            default = f"`{one.default}`" if one.default else ""
            parts.append(f"| `{one.name}` | {values} | {default} | {one.about} |")
        parts.append("")
    return "\n".join(parts).rstrip()


def methods() -> str:
    """Return the table of XML-RPC methods, a row for each service; all of these have `echo`."""
    services: dict[str, list[str]] = {}
    for name in sorted(METHODS):
        service, _, method = name.partition(".")
        services.setdefault(service, []).append(f"`{method}`")
    rows = [f"| `{service}` | {', '.join(names)} |" for service, names in services.items()]
    return "\n".join(["| Service | Methods |", "|---|---|", *rows])


def tables() -> str:
    """Return the names of the data tables of XML-RPC, in lines as long as those of the text."""
    names = ", ".join(f"`{name}`" for name in sorted(TABLES))
    return textwrap.fill(names, 115, break_on_hyphens=False)
