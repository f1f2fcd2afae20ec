"""The tables of sandbox/README.md: the sandbox's faults and switches."""

from __future__ import annotations

from keap_sandbox.faults.catalog import GROUPS
from keap_sandbox.switch_docs import documentation


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
