"""Every message that a run can end with, read from the code, and what to do about it: a table of the README.

Most messages say themselves what to do, in their last sentences. `CURES` has the rest; a message that is in neither has
no row, and nothing is written until it has one.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "tap_infusionsoft"
ANYTHING = "…"
"""Stands in messages for what differs from case to case."""

ENDINGS = {"ConfigError", "TapError", "RunFailedError", "Failure", "_end", "BadStateError", "Unfit"} | {
    "BadProgressError",
    "DeletionsRefusedError",
}
"""What is called with a text that ends a stream or the run, or that stands in one that does."""
_REASONS = {"relative_dates.py", "http.py"}
"""Files whose ValueErrors stand in such a text."""

_ADDRESS = "Leave api_url out for Keap itself; for the sandbox, take the address that it prints."
_STATE = "Correct the value in the state file, or remove the stream's entry to load it anew."
_DATE = "Write the date in one of the forms that the message lists."
_RANGE = "Give the setting a value within the limits that the message names."

CURES = {
    "it is not a URL (…)": _ADDRESS,
    "it holds characters that no address has": _ADDRESS,
    "it must not hold a user name or password": _ADDRESS,
    "it must be scheme and host only, such as https://api.infusionsoft.com": _ADDRESS,
    "it must begin with https:// (http:// only for 127.0.0.1, the sandbox)": _ADDRESS,
    "its host must be one of Keap's (…) or 127.0.0.1": _ADDRESS,
    "api_url cannot be used: ….": _ADDRESS,
    "Wrong settings: …": "Correct the setting that is named; `tap-infusionsoft --about` says what each takes.",
    "Wrong settings: ….": "Correct the setting that is named; `tap-infusionsoft --about` says what each takes.",
    "--config … cannot be read: ….": "Check the path, and that the tap's user may read the file.",
    "… … is not JSON (…). …": "Correct the file of the option that is named, at the line that is named.",
    "… … holds a JSON …, not an object. …": "Give the option the right file: settings, catalogue or state.",
    "… is …; it must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL.": "Correct the environment variable that is named, or unset it.",
    "… is …; it must be … ….": "Give the setting a value of the type that is named.",
    "… is …; it must be ….": _RANGE,
    "… holds something else than seconds from 0 to ….": _RANGE,
    "… is not a date; use one of: …": _DATE,
    "… is too long ago": _DATE,
    "…. Nothing was marked as deleted; run again later": "Run again later. If it stays, load the stream anew: without its entry in the state.",
    "… cannot be written: ….": "Make room on the disk, or correct the folder in `batch_config`, and run again.",
    "The run ended at the stream …: …": "Do what the message says: every other stream would have met the same. What is complete is kept.",
    "stream_settings: there is no stream …. …": "Correct the name; the table of streams has them all.",
    "stream_settings: … of … is …; it must be from 0 to ….": _RANGE,
    "contact_emails: … is not an e-mail address, or the beginning of one with a * behind.": "Give whole addresses, or beginnings such as `jane*`, each an entry of its own.",
    "… is not a list of one object": _STATE,
    "… is …, which is not a time": _STATE,
    "… is …, which is not a whole number": _STATE,
    "…: the account has no … with the id ….": "Correct or remove the id in the setting that is named.",
    "a row cannot be read: …": "Set on_bad_record to quarantine to load the others meanwhile, and report it with the row, which the quarantine file then has.",
    "a row has no …": "Run again later, and report it if it stays: a row without its key cannot be told from others.",
    "stream_maps: there is no stream ….": "Correct the name in `stream_maps`.",
    "The state has no usable bookmarks. …": "Restore the last good state, or leave `--state` out to load everything anew.",
    "…: … is not an id. Keap's ids are whole numbers, such as 91.": "Give ids instead of names; the stream lists both.",
    "…: the account has no … with the id …. The stream … lists those that there are.": "Correct or remove the id in the setting that is named.",
    "saved_searches: no saved search has the id or name …. There are: ….": "Correct `saved_searches`: the message lists those that there are.",
    "… of … streams failed: …. The reasons are above; ….": "Look for the lines of these streams above, and do what they say. The next run reads them again.",
    "No credential: set api_key to a personal access token or service account key of your Keap account (or refresh_token, for OAuth). The README says where to make one.": "Make a key in Keap, as it says under *Your own account*, and set `api_key`.",
    "The state's count of calls, …, cannot be used. …": "Remove the entry `quota` from the state file.",
    "after is not a list of ids": _STATE,
    "newest is …": _STATE,
    "the progress in … cannot be used: …": _STATE,
    "the progress in … is not an object": _STATE,
    "… does not say what was begun": _STATE,
    "… is …": _STATE,
    "token_file must be a file: addresses of object stores and databases are not taken, for lack of locks and atomic renames.": "Give the path of a file on a disk of this machine.",
    "token_file must be an absolute path of a file, so that every run finds the same one.": "Write the whole path, beginning with `/`.",
    "…. The next run reads them again": "Nothing: the next run reads the stream again. If it stays, run when fewer rows are deleted.",
    "…: say what to read: stream, such as contacts, or table, such as Contact.": "Add `stream` or `table` to the query that is named.",
    "…, see the lines above. Please report it with them.": "A defect of the tap, or of a stream map: report it with the lines above it.",
    "The target has stopped reading. Its own messages say why; what it has not confirmed comes again.": "Look at the target's own messages, mend what they say, and run again.",
    "stdout cannot be written: …. What did not arrive comes again in the next run.": "Make room where stdout goes to, and run again.",
    "…, so it cannot be told from others. Nothing is skipped in silence: run again later, and report it if it stays.": "Run again later, and report it if it stays.",
}
"""Message -> what to do, where the message does not say it, or not in its last sentences."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message and what to do about it."""

    text: str
    cure: str
    says_cure: bool = False
    """Whether the cure is a part of the message."""

    @property
    def pattern(self) -> str:
        """A regular expression for it."""
        whole = f"{self.text} {self.cure}" if self.says_cure else self.text
        return ".*".join(re.escape(part) for part in whole.split(ANYTHING))


@cache
def messages() -> tuple[Message, ...]:
    """All messages but those of failed calls, in the order of their texts.

    Raises:
        SystemExit: One has no cure, or a cure no message.
    """
    found = dict.fromkeys(_all_texts())
    if stale := CURES.keys() - found:
        raise SystemExit(
            f"tools/messages.py has cures for messages that are not in the code: {sorted(stale)}"
        )
    return tuple(
        sorted((_message(text) for text in found), key=lambda one: one.text.lstrip(f"{ANYTHING}: ").lower())
    )


def is_listed(line: str) -> bool:
    """Whether a message that ended a run is one of those."""
    return any(kind.advice in line for kind in Kind) or any(
        re.search(one.pattern, line) for one in messages()
    )


def _message(text: str) -> Message:
    parts = re.fullmatch(r"(.*?[a-z].*?\.) ([A-Z].+)", text)
    if text in CURES:
        return Message(parts[1] if parts else text, CURES[text])
    if parts is None:
        raise SystemExit(f"tools/messages.py: what can be done about {text!r}? Say it there, or in CURES")
    return Message(parts[1], parts[2], says_cure=True)


def _all_texts() -> Iterator[str]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield from _texts(node, path.name)


def _texts(function: ast.FunctionDef, file: str) -> Iterator[str]:
    """The texts in a function that end a stream or the run."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            for argument in _arguments(node, file):
                for text in _templates(argument, function):
                    if " " in text and any(letter.isalpha() for letter in text):
                        yield text


def _arguments(call: ast.Call, file: str) -> Iterator[ast.expr]:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            is_ending = name in ENDINGS or (name == "ValueError" and file in _REASONS)
            if is_ending or (name == "__init__" and file == "errors.py"):
                yield from call.args
        case _:
            pass
    yield from (one.value for one in call.keywords if one.arg == "refusal")


def _templates(node: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """The texts that an expression can be, as far as it shows."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else ANYTHING for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            ending = (
                right.value if isinstance(right, ast.Constant) and isinstance(right.value, str) else ANYTHING
            )
            yield from (one + ending for one in _templates(left, function))
        case ast.IfExp(body=body, orelse=other):
            yield from _templates(body, function)
            yield from _templates(other, function)
        case ast.Name(id=name):
            for one in ast.walk(function):
                if isinstance(one, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == name for target in one.targets
                ):
                    yield from _templates(one.value, function)
        case _:
            pass
