"""Which reports settings choose, and whether they have what they need."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc import settings
from tap_infusionsoft.xmlrpc.id_conditions import MOST_ID
from tap_infusionsoft.xmlrpc.names import named
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS, WITH_OWN_SETTING
from tap_infusionsoft.xmlrpc.reports.report import PREFIX

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from tap_infusionsoft.xmlrpc.reports.report import Report

logger = logging.getLogger("tap-infusionsoft")


def chosen_reports(config: Mapping[str, Any], in_catalog: Container[str]) -> list[Report]:
    """The reports that the setting names, or that the catalog has.

    A pattern does not choose reports whose parameters are missing; a name does, and they say what they need.

    Args:
        config: The configuration.
        in_catalog: Names of the streams in the catalog.

    Raises:
        ConfigError: The setting names something that is not there, or is read by another setting.
    """
    known: dict[str, tuple[str, ...]] = {name: (one.stream, one.title) for name, one in REPORTS.items()}
    for name, own in WITH_OWN_SETTING.items():
        stream = own.stream or f"{PREFIX}{name}"
        known[name] = (f"{PREFIX}{name}", stream, stream.removeprefix(PREFIX), own.title)
    wanted = named(config, settings.REPORTS, known)
    for name, other in WITH_OWN_SETTING.items():
        if wanted.get(name) and not config.get(other.setting):
            raise ConfigError(
                f"{settings.REPORTS.name}: {name} needs the setting {other.setting}, which says what to "
                "read. Fill it in, or remove the name."
            )
    found = []
    for name, report in REPORTS.items():
        is_chosen = name in wanted
        if is_chosen and not wanted[name] and report.needs and not config.get(report.needs):
            logger.info("%s: %s is left out, as %s is empty.", settings.REPORTS.name, name, report.needs)
            is_chosen = False
        if is_chosen or report.stream in in_catalog:
            found.append(report)
    return found


def check_parameters(report: Report, lists: Mapping[str, Sequence[str]]) -> None:
    """Refuse a report whose parameters are missing, or that the method does not take.

    Args:
        report: The report.
        lists: Settings that name rows to read -> their values.

    Raises:
        ConfigError: The setting is empty, or holds the beginning of an address.
    """
    if not report.needs:
        return
    values = lists[report.needs]
    if not values:
        raise ConfigError(
            f"{report.stream} needs the setting {report.needs}: XML-RPC has no such report about all rows. "
            "Fill it in, or deselect the stream."
        )
    if too_high := [value for value in values if value.isdigit() and int(value) > MOST_ID]:
        raise ConfigError(
            f"{report.needs}: {too_high[0]} is no id, as XML-RPC has none above {MOST_ID}. Remove it."
        )
    if any(value.endswith("*") for value in values):
        raise ConfigError(
            f"{report.stream} cannot be read with the beginning of an address in {report.needs}: XML-RPC "
            "takes whole addresses only. Give them in full, or deselect the stream."
        )
