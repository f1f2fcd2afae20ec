"""Which account answers. Keap names it in every answer, and a client reads from one account only.

Keap's header ``x-keap-tenant-id`` holds the host of the account, such as ``xx123.infusionsoft.com``. It may
be blank, which says nothing. The same name is ``tenant_id`` in the user info, which no permission can
withhold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

HEADER = "x-keap-tenant-id"
USER_INFO = Call("/v2/oauth/connect/userinfo")
"""Asked once where answers do not have the header, and again when the token has changed."""
_DOMAINS = (".infusionsoft.com", ".keap.com")


class Tenant:
    """The account that answers, compared with those that are expected.

    Attributes:
        name: Its name; empty until an answer tells it.
    """

    def __init__(
        self, saved: MutableMapping[str, Any] | None = None, expected: Mapping[str, str] | None = None
    ) -> None:
        """An account that has not answered yet.

        Args:
            saved: What is saved from run to run, such as ``{"id": "xx123.infusionsoft.com"}``; empty if no
                run has known it. The first answer sets it.
            expected: Other places that name an account, such as "the catalog" -> that account.
        """
        self.name = ""
        self._saved = {} if saved is None else saved
        self._expected = {"the state": str(self._saved.get("id") or "")} | dict(expected or {})
        self._expected = {where: name for where, name in self._expected.items() if name}
        self._token = ""
        self._known = ""  # the last name that was the expected one

    @property
    def is_expected(self) -> bool:
        """Whether anything says which account it should be."""
        return bool(self._expected)

    def is_new(self, token: str) -> bool:
        """Note the token of a good answer, and return whether the last one was of another token."""
        before, self._token = self._token, token
        return before != token

    def check(self, name: object) -> Fault | None:
        """Compare the account of an answer with those that are expected.

        Args:
            name: What the answer calls it; if that is blank, nothing is known.

        Returns:
            The fault, if it is another one.
        """
        found = str(name or "").strip(" |")
        if not found or found == self._known:
            return None
        for where, other in self._expected.items():
            if _plain(other) != _plain(found):
                text = f"the answer is from the account {found}, but {where} is of {other}"
                return Fault(Kind.OTHER_ACCOUNT, text)
        if not self.name:
            self.name = found
            self._saved.setdefault("id", found)
            self._expected.setdefault("what this run has read", found)
        self._known = found
        return None


def _plain(name: str) -> str:
    """The part of an account's host that identifies it."""
    plain = name.strip().casefold()
    for domain in _DOMAINS:
        plain = plain.removesuffix(domain)
    return plain
