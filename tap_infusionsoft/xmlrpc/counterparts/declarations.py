"""What a line of the catalogue means.

A field is one line, in one of four forms, with a note after ``|`` if there is more to say:

- ``Birthday = birth_date : day``: REST has it in this column; the word after ``:`` is in `COMPARISONS`,
  ``text`` if there is none.
- ``Description ~ title``: most likely so, but nobody says it; whether it is can only be compared.
- ``Leadsource > lead_sources.name via leadsource_id``: another stream has it, joined by this column.
- ``Validated - REST does not have it``: there is none, for this reason.

A place inside a column is a path: ``company.id``, ``addresses[BILLING].line1`` for the item whose `field` is
BILLING, ``options[].label`` for a value of each item, and ``region/region_code`` for either of two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tap_infusionsoft.xmlrpc.counterparts.comparisons import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(r"(?P<field>\S+) (?P<sign>[=~>-]) (?P<rest>[^|]+?)(?: \| (?P<note>.+))?")
_ELSEWHERE = re.compile(r"(?P<stream>\w+)\.(?P<place>\S+) via (?P<via>\S+)")

_REASONS = {
    "credential": "A credential. It is read only if `legacy_secrets` names it.",
    "missing": "REST does not have it.",
    "constant": "Says which of the streams has the row.",
    "key": "REST has no id for these rows.",
}
"""Words for reasons that are needed often."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What REST has for one field, or one member of a report's answer.

    Attributes:
        field: The field.
        place: Where it is in a row of REST; empty if that stream does not have it.
        comparison: Name of the way to compare them.
        guessed: Whether nobody says that it is the same.
        stream: The other stream that has it; empty if none does.
        via: The column that joins that stream.
        why: Why there is none; empty if there is one.
        note: What else there is to know.
    """

    field: str
    place: str = ""
    comparison: str = "text"
    guessed: bool = False
    stream: str = ""
    via: str = ""
    why: str = ""
    note: str = ""

    @property
    def is_here(self) -> bool:
        """Whether the stream itself has it, so that it can be compared."""
        return bool(self.place) and not self.stream

    @property
    def is_lost(self) -> bool:
        """Whether REST has it nowhere, although it is more than a way to find the row."""
        return bool(self.why) and self.why not in {
            _REASONS["key"],
            _REASONS["constant"],
            _REASONS["credential"],
        }


def counterparts(text: str) -> dict[str, Counterpart]:
    """Read lines of the catalogue.

    Args:
        text: The lines.

    Raises:
        ValueError: A line is wrong, or names a field twice.
    """
    found: dict[str, Counterpart] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        one = _counterpart(line)
        if one.field in found:
            raise ValueError(f"{one.field} is there twice")
        found[one.field] = one
    return found


def _counterpart(line: str) -> Counterpart:
    parts = _LINE.fullmatch(line)
    if parts is None:
        raise ValueError(f"a line that means nothing: {line}")
    name, sign, rest, note = parts["field"], parts["sign"], parts["rest"].strip(), parts["note"] or ""
    if sign == "-":
        return Counterpart(name, why=_REASONS.get(rest, rest), note=note)
    if sign == ">":
        other = _ELSEWHERE.fullmatch(rest)
        if other is None:
            raise ValueError(f"{name}: {rest!r} is not STREAM.PLACE via COLUMN")
        return Counterpart(name, other["place"], stream=other["stream"], via=other["via"], note=note)
    place, _, how = (part.strip() for part in rest.partition(" : "))
    if (how or "text") not in COMPARISONS:
        raise ValueError(f"{name}: there is no comparison {how!r}")
    return Counterpart(name, place, how or "text", guessed=sign == "~", note=note)


@dataclass(frozen=True, slots=True)
class Part:
    """A stream that has rows of a table.

    Attributes:
        stream: The stream.
        match: Fields -> places whose values are the same ids in the same row. Empty if rows cannot be told
            apart in both, so that only their number can be compared.
        rows: The column whose items are the rows; empty if the rows of the stream are.
        guessed: Whether nobody says that these are the same rows.
        fields: The fields, each with its counterpart.
    """

    stream: str
    match: Mapping[str, str]
    fields: Mapping[str, Counterpart]
    rows: str = ""
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class TableMove:
    """What becomes of a table.

    Attributes:
        table: The table.
        parts: The streams that have its rows; empty if REST has nothing for it.
        notes: What to know before moving.
        only_legacy: Why rows may be in the table only; empty if they must not.
        only_rest: Why rows may be in REST only; empty if they must not.
        instead: For a table that REST has nothing for: what comes closest.
    """

    table: str
    parts: tuple[Part, ...] = ()
    notes: str = ""
    only_legacy: str = ""
    only_rest: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class ReportMove:
    """What becomes of a report of the classic connector.

    Attributes:
        report: Its name there.
        method: The method that it calls.
        streams: The streams that have its rows.
        parameters: What the method takes -> the setting for it in REST; empty if none is needed.
        members: The members of its answer, each with its counterpart in the first stream.
        kept: Names of the answer's members if they are the user's own choice, in words.
        notes: What to know before moving.
        guessed: Whether the names of the members are not known for sure.
    """

    report: str
    method: str
    streams: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Counterpart] = field(default_factory=dict)
    kept: str = ""
    notes: str = ""
    guessed: bool = False


def table(
    name: str,
    stream: str,
    text: str,
    *,
    match: str = "Id=id",
    rows: str = "",
    guessed: bool = False,
    joined: Mapping[str, Counterpart] | None = None,
    notes: str = "",
    only_legacy: str = "",
    only_rest: str = "",
) -> TableMove:
    """A table whose rows are in one stream. The arguments are those of `part` and `TableMove`."""
    one = part(stream, text, match=match, rows=rows, guessed=guessed, joined=joined)
    return TableMove(name, (one,), notes, only_legacy, only_rest)


def part(
    stream: str,
    text: str,
    *,
    match: str = "Id=id",
    rows: str = "",
    guessed: bool = False,
    joined: Mapping[str, Counterpart] | None = None,
) -> Part:
    """A stream that has rows of a table.

    Args:
        stream: The stream.
        text: The lines of its fields.
        match: Fields and places that identify a row, as ``ContactId=contact_id GroupId=tag_id``.
        rows: The column whose items are the rows.
        guessed: Whether nobody says that these are the same rows.
        joined: Fields of another table, whose columns this one repeats.
    """
    pairs = ((name, place) for name, _, place in (pair.partition("=") for pair in match.split()))
    fields = counterparts(text)
    if twice := sorted(fields.keys() & (joined or {})):
        raise ValueError(f"{stream}: {twice} are there twice")
    return Part(stream, dict(pairs), fields | dict(joined or {}), rows, guessed)


def joined(source: Part, names: str, *, prefix: str = "", via: str = "contact_id") -> dict[str, Counterpart]:
    """Fields that a table repeats from another one: in REST, the stream of that one has them.

    Args:
        source: The part of the other table.
        names: The fields there, separated by blanks.
        prefix: What is before their names here.
        via: The column that joins the other stream.
    """
    found = {}
    for name in names.split():
        one = source.fields[name]
        if one.is_here:
            one = replace(one, stream=source.stream, via=via)
        elif one.stream:
            one = replace(one, note=f"By way of {source.stream}.{one.via}.", via=via)
        found[prefix + name] = replace(one, field=prefix + name)
    return found
