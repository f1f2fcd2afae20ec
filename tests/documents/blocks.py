"""What the documents tell people to run or to write: fenced blocks, and commands within sentences."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = (
    "bash",
    "chmod",
    "cp",
    "curl",
    "export",
    "git",
    "jq",
    "keap-sandbox",
    "make",
    "meltano",
    "pip",
    "pipx",
    "pytest",
    "python",
    "python3",
    "tail",
    "tap-infusionsoft",
    "tap-infusionsoft-check",
    "target-jsonl",
    "target-postgres",
    "test",
    "uv",
    "uvx",
)
"""A piece of code that begins with one of these and has an argument is a command."""

_FENCED = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)
_OF_WINGS = re.compile(r"^[^\n]*BEGIN (wing \w+)\b.*?END \1\b[^\n]*\n", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_ASSIGNED = re.compile(r"(?:[A-Z][A-Z_]*=(?:'[^']*'|\S*) ?)*")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        document: Path of the document from the root of the checkout.
        language: What follows the opening fence.
        text: What is between the fences, without the indentation of a list.
    """

    document: str
    language: str
    text: str


def documents() -> list[Path]:
    """Return all documents of the checkout."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("*/*.md"), *ROOT.glob("docs/*/**/*.md")]
    return sorted(path for path in found if not path.relative_to(ROOT).parts[0].startswith("."))


def text_of(path: Path) -> str:
    """Return a document without the parts of wings, which have tests of their own."""
    return _OF_WINGS.sub("", path.read_text(encoding="utf-8"))


def blocks() -> list[Block]:
    """Return all fenced blocks."""
    return [one for path in documents() for one in blocks_in(path, text_of(path))]


def blocks_in(path: Path, text: str) -> list[Block]:
    """Return the fenced blocks in a text of a document."""
    return [
        Block(path.relative_to(ROOT).as_posix(), match["language"], textwrap.dedent(match["text"]))
        for match in _FENCED.finditer(text)
    ]


def block(document: str, part: str) -> Block:
    """Return the only block of a document that contains a text."""
    (found,) = [one for one in blocks() if one.document == document and part in one.text]
    return found


def inline_code() -> Iterator[tuple[str, str]]:
    """Yield the document and the text of each piece of code within sentences, tables and comments."""
    for path in (*documents(), ROOT / "Makefile", ROOT / "meltano.yml"):
        prose = _FENCED.sub("", text_of(path))
        for text in _CODE.findall(prose):
            yield path.relative_to(ROOT).as_posix(), " ".join(text.split())


def inline_commands() -> list[str]:
    """Return the commands within sentences and tables, each once."""
    found = {text for _, text in inline_code() if _is_command(text)}
    return sorted(found)


def _is_command(text: str) -> bool:
    words = _ASSIGNED.sub("", text, count=1).split()
    return len(words) > 1 and words[0].removeprefix(".venv/bin/") in PROGRAMS
