"""The command ``legacy-archive``: a last copy of the tables that REST has no counterpart for."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from tap_infusionsoft.config.schema import STREAMS
from tap_infusionsoft.tap import TapInfusionsoft
from tap_infusionsoft.xmlrpc import settings
from tap_infusionsoft.xmlrpc.legacy_streams import legacy_streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.wings import WingStreams


class ArchiveTap(TapInfusionsoft):
    """The tap with nothing but those tables."""

    collections: ClassVar[Mapping[str, Collection]] = {}
    unused_settings: ClassVar[frozenset[str]] = frozenset({STREAMS.name})
    """What a run of the tap itself reads says nothing about these tables."""

    @cached_property
    def settings(self) -> Settings:
        """The settings, without queries and saved searches."""
        return replace(super().settings, queries=(), saved_searches=())

    @cached_property
    def further(self) -> WingStreams:
        """The tables that REST has no counterpart for."""
        return legacy_streams({settings.ARCHIVE.name: True}, (), self._started)


def main(arguments: Sequence[str]) -> int:
    """Run the command.

    Args:
        arguments: Options as the tap takes them, such as ``--config config.json``.

    Returns:
        The exit code.
    """
    ArchiveTap.cli(list(arguments))
    return 0
