"""The language of `targets.py` and `bridges.py`: what a target is and how it is set up."""

from __future__ import annotations

from typing import Any

import msgspec

from world.compare import Shape


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One way to set up a target.

    Attributes:
        name: What it is called in the results, such as "hard delete".
        settings: Its settings. ``{folder}``, ``{url}`` and so on stand for the places of the warehouse.
        environment: Environment variables of the target.
        shape: How it lays out what it loads.
        has_versions: It takes ACTIVATE_VERSION. Otherwise the tap runs with ``"activate_versions": false``.
    """

    name: str = "as documented"
    settings: dict[str, Any] = {}
    environment: dict[str, str] = {}
    shape: Shape = Shape()
    has_versions: bool = True


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A target.

    Attributes:
        name: Name of the distribution on PyPI.
        version: The version that is tried.
        program: The command that it installs.
        into: Name of the warehouse in `warehouses.KINDS`.
        variants: Ways to set it up.
        requires: Further requirements for its virtual environment: what it takes to start it today.
        note: What a user should know besides the results: settings that matter, and why.
        is_in_upstream: ``docs/upstream.md`` has a reproduction for its maintainers.
    """

    name: str
    version: str
    program: str
    into: str
    variants: tuple[Variant, ...]
    requires: tuple[str, ...] = ()
    note: str = ""
    is_in_upstream: bool = False

    @property
    def requirements(self) -> list[str]:
        """What pip installs."""
        return [f"{self.name}=={self.version}", *self.requires]


class Bridge(Target, frozen=True, kw_only=True):
    """A destination of dlt's, which `python -m tap_infusionsoft.dlt` loads. Its version is that of dlt.

    Attributes:
        options: Options of the command. ``{file}``, ``{folder}`` and so on stand for places, in
            environment variables as well.
        keeps_history: Whether every version of a row stays, the deleted ones included.
    """

    options: tuple[str, ...]
    keeps_history: bool = False
    program: str = "python"

    @property
    def requirements(self) -> list[str]:
        """What pip installs beside the tap with its extra ``dlt``."""
        return [f"dlt=={self.version}", *self.requires]
