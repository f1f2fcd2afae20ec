"""Settings that choose by names and patterns."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.config.setting_types import Texts


def named(config: Mapping[str, Any], setting: Texts, known: Mapping[str, tuple[str, ...]]) -> dict[str, bool]:
    """The names that a setting with names and patterns chooses.

    Args:
        config: The configuration.
        setting: The setting.
        known: All names -> what else they are called, such as their streams.

    Returns:
        Each name -> whether it is named, not only found by a pattern.

    Raises:
        ConfigError: It names something that is not there.
    """
    found: dict[str, bool] = {}
    for wanted in setting.read(config) or ():
        hits = {
            name: wanted in {name, *others}
            for name, others in known.items()
            if any(fnmatchcase(one, wanted) for one in (name, *others))
        }
        if not hits:
            every = [*known, *(one for others in known.values() for one in others)]
            raise ConfigError(
                f"{setting.name}: there is no {wanted!r}.{did_you_mean(wanted, every)} "
                f"There are: {', '.join(known)}."
            )
        for name, is_named in hits.items():
            found[name] = found.get(name, False) or is_named
    return found
