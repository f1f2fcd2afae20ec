"""Keeps secrets, and text that could forge a log line, out of everything that people read.

One mechanism serves logs, error messages and tracebacks: a `Redactor` knows the secrets in every form in
which they travel, and `install` puts it in front of all logging of the process.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import traceback
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "****"
LONGEST_QUOTE = 200
"""Characters of a server's text that a message may quote."""

_BEGINNING = 12
"""Characters by which to recognize the beginning of a secret that somebody else has cut off."""
_LEFT_IN_URLS = "!#$%&'()*+,/:;=?@[]~"
"""Characters that libraries do not quote in a complete URL."""
_SHORTEST_SECRET = 6
"""Characters. Masking shorter values would mask ordinary words."""


def _forms(secret: str) -> set[str]:
    """Return every form in which a secret may show up: plain, quoted, escaped for JSON or Python, base64."""
    raw = secret.encode()
    escaped = json.dumps(secret)[1:-1]
    forms = {secret, escaped, json.dumps(escaped)[1:-1], repr(secret)[1:-1]}
    forms |= {quote(secret, safe=safe) for safe in ("", "/", _LEFT_IN_URLS)} | {quote_plus(secret)}
    # Base64 depends on the bytes before and after. For each alignment, take the part that does not.
    for lead in range(3):
        coded = base64.b64encode(b"\0" * lead + raw).decode()
        steady = coded[(0, 2, 3)[lead] : len(coded) - (0, 3, 2)[(lead + len(raw)) % 3]]
        forms |= {steady, steady.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= _SHORTEST_SECRET}


# The gateway's quota message names the OAuth client id.
_IDENTIFIER = re.compile(r"(Identifier\s*:\s*)[^\s,;]+", re.IGNORECASE)


class Redactor:
    """Replaces known secrets by ``****``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Create a redactor that knows these secrets; see `add`."""
        self._forms: list[str] = []
        self._beginnings: dict[str, str] = {}
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Learn more secrets. Those of fewer than 6 characters are ignored."""
        forms = set(self._forms)
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                forms |= _forms(secret)
            if len(secret) >= 2 * _BEGINNING:
                self._beginnings[secret[:_BEGINNING]] = secret
        # Longest first, so that a form that contains another is masked whole.
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return a text with every form of every secret masked, and everything that begins like a secret."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        for beginning, secret in self._beginnings.items():
            while (start := text.find(beginning)) >= 0:
                same = takewhile(lambda pair: pair[0] == pair[1], zip(text[start:], secret, strict=False))
                text = f"{text[:start]}{MASK}{text[start + len(list(same)) :]}"
        return text

    def quote(self, text: str) -> str:
        """Return a server's text fit for a one-line message: masked, escaped, at most 200 characters."""
        # Mask before cutting: half a secret would no longer be recognized.
        text = _IDENTIFIER.sub(rf"\1{MASK}", printable(self(text)))
        return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def printable(text: str) -> str:
    """Return a text on one line: whitespace collapsed, control and invisible characters escaped."""
    folded = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in folded)


def _trace(error: BaseException) -> str:
    """Format the traceback of an exception and its causes, without messages, which may quote a record."""
    parts = []
    found: BaseException | None = error
    while found is not None:
        parts.append("".join(traceback.format_tb(found.__traceback__)) + type(found).__name__)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))


def install(redactor: Redactor) -> None:
    """Send every log record of the process through a redactor. Tracebacks keep only places and names.

    urllib3 does not log at all any more: it quotes whole URLs, whose queries may be personal, and raw
    headers. What matters arrives as an exception.

    This is a record factory and not a filter because a filter belongs to one handler, and handlers change.
    """
    previous = logging.getLogRecordFactory()
    inner = getattr(previous, "keap_inner", previous)

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = inner(*args, **kwargs)
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            return record  # a wrong format string, which logging itself reports
        record.msg, record.args = redactor(message), ()
        if record.exc_info and record.exc_info[1] is not None:
            # Formatters print exc_text if it is set, and the whole exception otherwise.
            record.exc_text = redactor(_trace(record.exc_info[1]))
        return record

    factory.keap_inner = inner  # type: ignore[attr-defined]  # a second install replaces the first
    logging.setLogRecordFactory(factory)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
