"""The committed results, and what changed against them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

FOLDER = Path(__file__).with_name("results")
T = TypeVar("T")

FIGURES = frozenset({"rows", "cells", "deleted", "differences"})
"""Counts that follow from the size of the account, so that they change when the tap gets a stream."""
NOT_COMPARED = frozenset({"date", "python", "error", "examples", "not_installed", "log"})
"""What is for people to read, and may differ from run to run."""


def path_of(kind: str, name: str) -> Path:
    """Return the path of a result.

    Args:
        kind: "targets" or "hosts".
        name: Name of the target or host.
    """
    return FOLDER / kind / f"{name}.json"


def read(kind: str, name: str, of: type[T]) -> T | None:
    """Return a committed result, or None if there is none."""
    path = path_of(kind, name)
    return msgspec.json.decode(path.read_bytes(), type=of) if path.exists() else None


def write(kind: str, name: str, result: msgspec.Struct) -> None:
    """Write a result for the next commit."""
    path = path_of(kind, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")


def changes(old: msgspec.Struct | None, new: msgspec.Struct) -> list[str]:
    """Say what changed between the committed result and a new one.

    Counts are compared if both are of an account of the same size; otherwise only which there are.

    Args:
        old: The committed result; None if there is none.
        new: The new one.
    """
    if old is None:
        return ["there is no committed result yet"]
    before, after = _leaves(msgspec.to_builtins(old)), _leaves(msgspec.to_builtins(new))
    same_size = all(before.get(path) == after.get(path) for path in {*before, *after} if _is_size(path))
    return [
        f"{path}: {before.get(path, 'nothing')} became {after.get(path, 'nothing')}"
        for path in sorted({*before, *after})
        if not _same(path, before.get(path), after.get(path), same_size=same_size)
    ]


def _same(path: str, before: Any, after: Any, *, same_size: bool) -> bool:
    parts = path.split("/")
    if not FIGURES.isdisjoint(parts) and not same_size:
        return (before is None) == (after is None)
    return bool(before == after)


def _is_size(path: str) -> bool:
    return path.endswith(("/rows", "/cells"))


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        pairs = [(str(name), inner) for name, inner in value.items() if name not in NOT_COMPARED]
    elif isinstance(value, list):
        pairs = [(str(number), inner) for number, inner in enumerate(value, 1)]
    else:
        return {path: value}
    found: dict[str, Any] = {}
    for name, inner in pairs:
        found |= _leaves(inner, f"{path}/{name}" if path else name)
    return found


def without_paths(text: str) -> str:
    """Return the text of an error without the folders of the machine that it happened on."""
    text = re.sub(r"^WARNING: Location '.*\n?", "", text, flags=re.MULTILINE)
    text = re.sub(r"file:///(?:[\w.+-]+/)*", "", text)
    text = re.sub(r"[^\s\"'(]*/site-packages/", "", text)
    return re.sub(r"(?<![\w:/])/(?:[\w.+-]+/)+(?=[\w.+-])", "", text)
