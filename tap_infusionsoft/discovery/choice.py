"""What the setting ``streams`` says beside a given catalog, which wins where both speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

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


def disagreement(
    catalog: Mapping[str, Given],
    chosen: ChosenStreams,
    known: Collection[str],
    absent: Container[str] = (),
) -> str | None:
    """What to say if the catalog selects other streams than the setting; None if it does not.

    Args:
        catalog: What the catalog says about each stream.
        chosen: The setting.
        known: Names of the streams that there are, saved searches aside.
        absent: Streams of the catalog that there are not, which are reported elsewhere.
    """
    if not chosen:
        return None
    named = {name for name in (*catalog, *known) if chosen.selects(name, default=False)} | {*chosen.names}
    selected = {name for name, given in catalog.items() if given.is_selected}
    more = [name for name in catalog if name in selected and name not in named and name not in absent]
    fewer = [name for name in catalog if name not in selected and name in named]
    missing = sorted(named - catalog.keys())
    said = []
    if more:
        said.append(f"it selects {_listed(more)}, which streams does not name, so they are read")
    if fewer:
        said.append(f"it deselects {_listed(fewer)}, which streams names, so they are not read")
    if missing:
        said.append(f"it does not have {_listed(missing)}, which streams names, so they are not read")
    if not said:
        return None
    rediscover = "To add what it lacks, run discovery again (in Meltano: --refresh-catalog). "
    return (
        f"The catalog wins over the setting streams: {'; '.join(said)}. {rediscover if missing else ''}"
        "Select the same streams in the catalog, or run without one. In Meltano, list them in select: "
        "without it, Meltano selects all."
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
