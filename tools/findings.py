"""The list in findings/README.md: from the comment at the top of each script, and the times of measure.sh."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

FOLDER = Path(__file__).parents[1] / "findings"
SECTION = r"(?:Guess|Seen|Why|Matters): "
HEADER = re.compile(
    r"(?P<surprise>.+)\.\n\n(?P<versions>.+)\.\n\n"
    r"Guess: (?P<guess>.+)\nSeen: (?P<seen>.+)\nWhy: (?P<why>.+)\nMatters: (?P<matters>.+)"
)


class Finding(Struct, frozen=True):
    """What a script says about itself."""

    name: str
    surprise: str
    versions: str
    guess: str
    seen: str
    why: str
    matters: str


def findings() -> list[Finding]:
    """Return what each script says about itself, in the order of their names."""
    return [read(script) for script in sorted(FOLDER.glob("*-*.sh"))]


def read(script: Path) -> Finding:
    """Read the comment at the top of a script.

    Raises:
        ValueError: The comment has another form.
    """
    lines = script.read_text(encoding="utf-8").splitlines()[1:]
    comment = lines[: lines.index('. "$(dirname "$0")/common.sh"')]
    text = "\n".join(line.removeprefix("#").strip() for line in comment)
    joined = re.sub(rf"(?<=\S)\n(?=\S)(?!{SECTION})", " ", text)
    if not (found := HEADER.fullmatch(joined)):
        raise ValueError(f"{script.name} begins with a comment of another form than the others:\n{joined}")
    return Finding(script.stem, **found.groupdict())


def table() -> str:
    """Return the table of all findings."""
    times = (FOLDER / "times.tsv").read_text(encoding="utf-8").splitlines()
    seconds = dict(line.split("\t") for line in times)
    head = ["| Finding | What surprises | Versions | Seconds |", "|---|---|---|---:|"]
    return "\n".join(head + [_row(one, seconds[one.name]) for one in findings()])


def _row(one: Finding, seconds: str) -> str:
    """Return the row of one finding."""
    cells = (f"[{one.name}]({one.name}.sh)", _escaped(one.surprise), _escaped(one.versions), seconds)
    return f"| {' | '.join(cells)} |"


def guesses() -> str:
    """Return what was guessed, what was seen and what it means for users, for each finding."""
    return "\n\n".join(
        f"### {one.name}\n\n- **Guess**: {_escaped(one.guess)}\n- **Seen**: {_escaped(one.seen)}\n"
        f"- **For users**: {_escaped(one.matters)}"
        for one in findings()
    )


def _escaped(text: str) -> str:
    """Escape what Markdown would take for markup, except for code between backticks."""
    parts = enumerate(text.split("`"))
    return "`".join(part if place % 2 else re.sub(r"([\\*<>\[\]|$])", r"\\\1", part) for place, part in parts)
