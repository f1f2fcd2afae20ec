"""The fewest calls that a night can do with, from the README's table of streams and what is in the account.

Nothing here comes from the tap's code. A stream that did not change takes one call, one with changed rows
``ceil(changed / 1000)``; a stream without a time is read whole, for Keap cannot say whether it changed. A list that
several streams need, as of orders and their items, or of the affiliates that others are read for, is counted once, and
so are the models of custom fields, which the stream `custom_fields` brings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.benchmarks.figures import ROOT, NotMeasuredError

PAGE = 1000
_ROW = re.compile(r"^\| `(\w+)` \|[^|]*\|[^|]*\|[^|]*\| ([^|]+) \|([^|]*)\|$", re.MULTILINE)
_OFF = ("not selected by default", "selected if")
_CHANGES = ("changed", "new", "newer")


@dataclass(frozen=True)
class Stream:
    """What the README says of a stream.

    Attributes:
        name: Its name.
        per: What it is read once for each of, in words; empty for one reading.
        batch: How many of those in one call.
        size: Rows in a call; 0 where a call brings all.
        of: What rows: ``rows``, or those of another stream.
        changes: Whether only changed rows are read.
        fixed: Calls, where they are the same in every account.
    """

    name: str
    per: str = ""
    batch: int = 1
    size: int = 0
    of: str = "rows"
    changes: bool = False
    fixed: int = 0


def streams(text: str | None = None) -> dict[str, Stream]:
    """The streams that are selected by default and need no setting.

    Raises:
        NotMeasuredError: The table says something that is not understood.
    """
    text = text if text is not None else (ROOT / "README.md").read_text()
    table = text.partition("BEGIN streams")[2].partition("END streams")[0]
    found = {}
    for name, said, notes in _ROW.findall(table):
        if not any(one in notes for one in _OFF):
            found[name] = understood(name, said.strip().removesuffix(" + 1"))
    if not found:
        raise NotMeasuredError("the README has no table of streams")
    return found


def understood(name: str, said: str) -> Stream:
    """What a cell of the column of calls means.

    Raises:
        NotMeasuredError: It cannot be read.
    """
    if said.isdigit():
        return Stream(name, fixed=int(said))
    if not said.startswith("1 per "):
        raise NotMeasuredError(f"the README says of the calls of {name}: {said}")
    first, _, second = said.removeprefix("1 per ").partition(" and ")
    number, noun = _number(first)
    if second:
        size, rows = _number(second)
        return Stream(name, noun, number or 1, size, "rows", _is_change(rows))
    if not number:
        return Stream(name, noun)
    words = noun.split()
    if words[0] in _CHANGES:
        return Stream(name, size=number, of="_".join(words[1:]), changes=True)
    if noun == "rows":
        return Stream(name, size=number)
    return Stream(name, noun, number) if number < PAGE else Stream(name, size=number, of="_".join(words))


def _number(text: str) -> tuple[int, str]:
    found = re.match(r"([\d,]+) (.+)", text)
    return (int(found[1].replace(",", "")), found[2]) if found else (0, text)


def _is_change(rows: str) -> bool:
    return rows.split(maxsplit=1)[0] in _CHANGES


def _collection(noun: str) -> str:
    """The stream that lists what a noun names."""
    plain = noun.replace(" ", "_")
    if plain.endswith("s"):
        return plain
    return f"{plain[:-1]}ies" if plain.endswith("y") else f"{plain}s"


def least(
    known: Mapping[str, Stream],
    count: Callable[[str], int],
    changed: Mapping[str, int],
    unwanted: tuple[str, ...] = (),
) -> dict[str, int]:
    """The fewest calls of each stream; 0 for those that share the calls of another.

    Args:
        known: The streams that are read.
        count: How many rows a collection of the account has.
        changed: Rows that changed, by stream; the others have none.
        unwanted: Things that a setting says are not to be read, such as ``reports``.
    """
    calls = {}
    lists: dict[str, int] = {}
    for name, one in known.items():
        if one.fixed:
            calls[name] = one.fixed
        elif one.per:
            parents = _collection(one.per)
            total = 0 if parents in unwanted else count(parents)
            lists[parents] = math.ceil(total / PAGE)
            calls[name] = math.ceil(total / one.batch)
            if one.size and one.batch > 1:
                calls[name] = max(calls[name], math.ceil(changed.get(name, 0) / one.size))
        elif one.of != "rows" and one.of in known:
            calls[name] = 0
        else:
            rows = changed.get(name, 0) if one.changes else count(name)
            calls[name] = max(math.ceil(rows / one.size), 1) if one.size else 1
    for parents, needed in lists.items():
        calls[parents] = max(calls.get(parents, 0), needed)
    return calls


def shares(known: Mapping[str, Stream]) -> dict[str, str]:
    """Which stream's calls a stream takes part in: its own name for most."""
    return {name: one.of if one.of in known else name for name, one in known.items()}
