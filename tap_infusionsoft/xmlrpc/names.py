"""Settings that choose by names and patterns."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.config.setting_types import Texts


def named(config: Mapping[str, Any], setting: Texts, known: Mapping[str, str]) -> list[str]:
    """The names that a setting with names and patterns chooses.

    Args:
        config: The configuration.
        setting: The setting.
        known: All names -> the streams that they may be chosen by, too.

    Raises:
        ConfigError: It names something that is not there.
    """
    found: dict[str, None] = {}
    for wanted in setting.read(config) or ():
        hits = [
            name for name, stream in known.items() if fnmatchcase(name, wanted) or fnmatchcase(stream, wanted)
        ]
        if not hits:
            close = did_you_mean(wanted, known) or did_you_mean(wanted, known.values())
            raise ConfigError(
                f"{setting.name}: there is no {wanted!r}.{close} There are: {', '.join(known)}."
            )
        found |= dict.fromkeys(hits)
    return [*found]
