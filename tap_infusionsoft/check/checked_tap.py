"""The tap as a check uses it: with few calls and little patience, and without a run."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs

from tap_infusionsoft.config.settings import warnings
from tap_infusionsoft.tap import TapInfusionsoft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.errors import Exit

MOST_CALLS = 12
"""Calls of a check."""
_HOURS = 0.1
"""How long a check may take, waits included."""
_RETRIES = 2
"""How often a check tries again where a run would be patient: somebody is looking at a terminal."""


class CheckedTap(TapInfusionsoft):
    """A tap that makes few calls, and no run."""

    _is_run = True  # what a run need not ask for is not asked for here either

    @cached_property
    def wanted(self) -> Settings:
        """The settings as a run takes them."""
        return super().settings

    @cached_property
    def settings(self) -> Settings:
        """The settings, but for few calls and little patience."""
        wanted, waits = self.wanted, self.wanted.waits
        few = structs.replace(
            waits,
            query=waits.query[:_RETRIES],
            transient=waits.transient[:_RETRIES],
            blank=waits.blank[:_RETRIES],
            page=waits.page[:_RETRIES],
        )
        hours = min(wanted.max_run_hours, _HOURS)
        calls = min(MOST_CALLS, wanted.requests_per_hour, int(hours * 3600 * wanted.requests_per_second) + 1)
        return dataclasses.replace(wanted, max_calls_per_run=calls, max_run_hours=hours, waits=few)

    @property
    def _may_break_off(self) -> bool:
        return self.wanted.max_calls_per_run is not None

    def _describes(self, stream: str) -> bool:
        """Whether custom fields are asked for before the plan is known: not if nothing was read with them."""
        bookmarks: Mapping[str, object] = self.state.get("bookmarks", {})
        return bool(bookmarks.get(stream) or self.config.get("stream_maps"))

    @property
    def warnings(self) -> list[str]:
        """What the tap says about settings that have no effect, or not the one that was probably meant."""
        return warnings(self.config, self.config_jsonschema["properties"])

    @property
    def refused(self) -> dict[str, tuple[str, Exit]]:
        """Streams that Keap does not describe, or that are not there -> why, and the exit code."""
        return {name: (one.message, one.exit_code) for name, one in self._undiscovered.items()}
