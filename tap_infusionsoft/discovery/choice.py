"""What the setting ``streams`` says beside a given catalog, which wins where both speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.config.chosen_streams import ChosenStreams
    from tap_infusionsoft.discovery.catalog import Given

_MOST_NAMES = 5
"""Streams that the warning names."""


def with_choice(catalog: Mapping[str, Given], chosen: ChosenStreams) -> dict[str, Given]:
    """Let the setting select streams of which the catalog does not say whether they are selected.

    Args:
        catalog: What the catalog says about each stream.
        chosen: The setting.
    """
    return {
        name: given
        if given.says_if_selected
        else replace(given, is_selected=chosen.selects(name, default=given.is_selected))
        for name, given in catalog.items()
    }


def disagreement(catalog: Mapping[str, Given], chosen: ChosenStreams) -> str | None:
    """What to say if the catalog selects other streams than the setting; None if it does not."""
    if not chosen:
        return None
    named = {name for name in catalog if chosen.selects(name, default=False)}
    more = [name for name, given in catalog.items() if given.is_selected and name not in named]
    fewer = [name for name, given in catalog.items() if not given.is_selected and name in named]
    if not more and not fewer:
        return None
    said = []
    if more:
        said.append(f"it selects {_listed(more)}, which streams does not name, so they are read")
    if fewer:
        said.append(f"it deselects {_listed(fewer)}, which streams names, so they are not read")
    return (
        f"The catalog goes before the setting streams: {'; '.join(said)}. Select the same streams in the "
        "catalog, or run without one. In Meltano, list them in select: without it, Meltano selects all."
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
