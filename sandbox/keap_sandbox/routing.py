"""Finds the handler for a method and path.

Paths contain colons and dashes, and a literal step wins over a placeholder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keap_sandbox import writes
from keap_sandbox.endpoints import (
    activity,
    affiliates,
    companies,
    contacts,
    marketing,
    models,
    pipelines,
    reports,
    sales,
    settings,
    shop,
    tags,
    users,
)

if TYPE_CHECKING:
    from keap_sandbox.request import Handler, Route

__all__ = ["Router", "canonical"]

_PREFIXES = ("/crm/rest", "/rest")


def canonical(path: str) -> str:
    """Return a path as Keap documents it, such as `/v2/contacts`, without the base it was called under."""
    for prefix in _PREFIXES:
        if path.startswith((f"{prefix}/v1/", f"{prefix}/v2/")):
            path = path.removeprefix(prefix)
            break
    return path.rstrip("/") or "/"


class Router:
    """All paths of the API."""

    def __init__(self) -> None:
        routes: list[Route] = [
            *tags.routes(),
            *models.routes(),
            *contacts.CONTACTS.routes(),
            *companies.routes(),
            *affiliates.routes(),
            *users.routes(),
            *reports.routes(),
            *sales.routes(),
            *shop.routes(),
            *activity.routes(),
            *marketing.routes(),
            *pipelines.routes(),
            *settings.routes(),
            *writes.routes(),
        ]
        self.routes = tuple(sorted(routes, key=_literal_first))
        self._routes: dict[str, list[tuple[re.Pattern[str], dict[str, Handler]]]] = {}
        by_path: dict[str, dict[str, Handler]] = {}
        for method, path, handler in self.routes:
            if path not in by_path:
                by_path[path] = {}
                pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/:]+)", re.escape(path))
                self._routes.setdefault(_area(path), []).append((re.compile(pattern), by_path[path]))
            by_path[path][method] = handler

    def find(self, method: str, path: str) -> tuple[Handler | None, dict[str, str], bool]:
        """Find the handler of a request.

        Args:
            method: The HTTP method.
            path: The path as Keap documents it.

        Returns:
            The handler or None, the ids in the path by placeholder, and if the path exists for any method.
        """
        known = False
        for pattern, methods in self._routes.get(_area(path), ()):
            match = pattern.fullmatch(path)
            if match is None:
                continue
            known = True
            if method in methods:
                return methods[method], match.groupdict(), True
        return None, {}, known


def _literal_first(route: Route) -> list[bool]:
    """Sort key that puts paths with a literal step before those with a placeholder there."""
    return ["{" in step for step in route[1].split("/")]


def _area(path: str) -> str:
    """Return the step of a path after its version, by which routes are grouped to find them faster."""
    steps = path.split("/", 3)
    return steps[2] if len(steps) > 2 else ""  # noqa: PLR2004 - "", version, step
