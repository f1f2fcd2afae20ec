"""Finds the streams whose settings name only ids that the account does not have, as answers show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.check.tried import id_name
from tap_infusionsoft.streams.saved_searches import SETTING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_infusionsoft.check.tried import Tried
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream


def look_at_ids(account: Account, stream: KeapStream, tried: Mapping[str, Tried]) -> None:
    """Compare the ids in the settings of a stream with those that the account has.

    Args:
        account: The account. Its saved searches are listed if a call is left for that.
        stream: The stream.
        tried: What was tried, by the name of the collection.

    Raises:
        ConfigError: The account has none of the ids in a setting.
        KeapError: The saved searches cannot be listed.
    """
    source, settings = stream.collection.source, account.settings
    if source is None:
        chosen = account.plan(stream.collection, stream.next_pass.window).chosen
        for choice, ids in chosen.items():
            if choice.by_id and not choice.is_one_by_one and len(ids) <= choice.size:
                _compare(account, choice.setting, ids, tried.get(stream.name))
    elif source.setting == SETTING:
        if account.saved_searches.is_read or account.client.calls_left >= 1:
            account.check_searches()
    elif source.setting is not None:
        parents = tried.get(source.stream)
        if parents is not None and parents.size.is_exact:
            _compare(account, source.setting, settings.ids(source.setting), parents)


def _compare(account: Account, setting: str, ids: Sequence[str], page: Tried | None) -> None:
    """Compare ids in a setting with those of the rows that they can mean."""
    if page is None or not ids:
        return
    known = {str(row.get(id_name(page.collection))) for row in page.rows}
    if not known.intersection(ids):
        account.note_missing(setting, page.collection.name, {*ids}, ids)
