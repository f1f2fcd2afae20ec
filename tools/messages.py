"""The table of messages in docs/troubleshooting.md: each message that can end a run, and what to do.

The messages are read from the code. Most end with the advice; `ADVICE` has it for the others. `make docs`
fails while a message has no advice, so no message goes undocumented.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tap_infusionsoft import errors
from tap_infusionsoft.login import ADVICE as LOGIN_ADVICE
from tap_infusionsoft.wings import WINGS
from tools.sources import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

PACKAGE = Path(__file__).parents[1] / "tap_infusionsoft"
ANYTHING = "…"
"""Placeholder for the part of a message that varies."""

ENDINGS = {
    "ConfigError",
    "TapError",
    "RunFailedError",
    "SystemExit",
    "Failure",
    "_end",
    "BadStateError",
    "MissingKeyError",
    "_set_aside",
} | {
    "BadCheckpointError",
    "DeletionsRefusedError",
    "Refusal",
    "MissingSearch",
    "_named",
    "BridgeError",
}
"""Callables whose text ends a stream or the run, or becomes part of a message that does."""
_REASONS = {"relative_dates.py", "http.py"}
"""Files whose ValueErrors become part of such a message."""

_API_URL = "Leave api_url out to use Keap itself. For the sandbox, use the URL that it prints."
_STATE = "Correct the value in the state file, or remove the stream's entry to reload it."
_DATE = "Write the date in one of the forms listed in the message."
_RANGE = "Use a value of the type, and within the limits, given in the message."
_SETTING = "Correct the setting named in the message; `tap-infusionsoft --about` describes them all."
_ID = "Correct or remove the id in the setting named in the message."

ADVICE = {
    "it is not a URL (…)": _API_URL,
    "it holds characters that no address has": _API_URL,
    "it must not hold a user name or password": _API_URL,
    "it must be scheme and host only, such as https://api.infusionsoft.com": _API_URL,
    "it must begin with https:// (http:// only for 127.0.0.1)": _API_URL,
    "its host must be one of Keap's (…) or 127.0.0.1": _API_URL,
    "api_url cannot be used: ….": _API_URL,
    "Wrong settings: …": _SETTING,
    "--config … cannot be read: ….": "Check the path, and that the tap's user can read the file.",
    "… … is not JSON (…). …": "Correct the file of the option named in the message, at the given line.",
    "… … is empty. … …": (
        "Write the new state to another file, then restore the last good one, or leave `--state` out to load "
        "everything again."
    ),
    "… … is a JSON …, not an object. …": "Give the option the right file: settings, catalog or state.",
    "… is …; it must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL.": (
        "Correct or unset the environment variable named in the message."
    ),
    "… is …; it must be … ….": "Give the setting a value of the type named in the message.",
    "… is …; it must be ….": _RANGE,
    "… is not a date; use one of: …": _DATE,
    "… is too long ago": _DATE,
    "…. Nothing was marked as deleted; the next run reads them again": (
        "Nothing: the next run reads the stream again. If it keeps happening, run when fewer rows are "
        "being deleted, or ask Keap about the pages that the log names."
    ),
    "… cannot be written: ….": "Free up disk space, or correct the folder in `batch_config`, and run again.",
    "The test ended at the stream …: …": (
        "Do what the message says. Every other stream would have failed the same way."
    ),
    "The run ended at the stream …: …": (
        "Do what the message says. Every other stream would have failed the same way. What is complete "
        "is kept."
    ),
    "stream_settings: there is no stream ….…": "Correct the name; the table of streams lists them all.",
    "…: … is neither an email address nor the beginning of one with a * at the end.": (
        "Give full addresses, or beginnings such as `jane*`, one per list entry."
    ),
    "… is not a list of one object": _STATE,
    "… is …, which is not a time": _STATE,
    "… is …, which is not a whole number": _STATE,
    "… is …, which are no numbers of rows": _STATE,
    "… is …, which is not a set of ids": _STATE,
    "… is …, which is not a text": _STATE,
    "a row cannot be read: …": (
        "Set on_bad_record to quarantine to load the other rows, and report it with the row, which is "
        "then in the quarantine file."
    ),
    "a row has no …": (
        "Run again later, and report it if it happens again: a row without its key cannot be told apart "
        "from others."
    ),
    "…: … cannot have ….… It can have: ….": "Correct the name, or remove it.",
    "The state has no usable bookmarks. …": (
        "Restore the last good state, or leave `--state` out to reload everything."
    ),
    "…: … is not an id. Keap's ids are whole numbers, such as 91.": (
        "Give ids, not names; the stream lists both."
    ),
    "…: the account has no … with the id …. The stream … lists those that there are.": _ID,
    "saved_searches: no saved search has the id or name …. …": (
        "Correct `saved_searches`; the message lists the searches of the account."
    ),
    "… of … streams failed: …. The reasons are above; ….": (
        "Find the lines of these streams above it and follow them. The next run reads these streams again."
    ),
    (
        "No credential: set api_key to a personal access token or service account key of your Keap "
        "account (or client_id, for OAuth). docs/account.md explains where to create one."
    ): "Create a key in Keap as [Your own account](account.md#a-key) says, and set `api_key`.",
    "The state's count of calls, …, cannot be used. …": "Remove the `quota` entry from the state file.",
    "The state's name of the account, …, cannot be used. …": (
        "Remove the `account` entry from the state file."
    ),
    "after is not a list of ids": _STATE,
    "counts is …, which are no numbers of rows": _STATE,
    "skipped is not a list of lists of ids": _STATE,
    "the progress in … cannot be used: …": _STATE,
    "the progress in … is not an object": _STATE,
    "… does not say what was begun": _STATE,
    "… is …": _STATE,
    (
        "token_file must be a file: object stores and databases have no locks and atomic renames, which "
        "the tap needs."
    ): "Give the path of a file on a disk of this machine.",
    "token_file must be an absolute path of a file, so that every run finds the same one.": (
        "Write the full path, starting with `/`."
    ),
    "…: nothing says what to read. Set stream, such as contacts, or table, such as Contact.": (
        "Add `stream` or `table` to the query named in the message."
    ),
    "…, see the lines above. Please report it with them.": (
        "This is a bug in the tap or in a stream map: report it with the lines above it."
    ),
    "The target has stopped reading. Its own messages say why; what it has not confirmed comes again.": (
        "Read the target's own messages, fix the cause, and run again."
    ),
    "stdout cannot be written: …. What did not arrive comes again in the next run.": (
        "Free up space where stdout goes, and run again."
    ),
    "The tap ended with exit code …: ….": "Follow the tap's own messages above it, and load again.",
    "The tap wrote a line that is no Singer message.": (
        "Look for a program or stream map that writes to stdout beside the tap."
    ),
    "…: the tap wrote a record before the stream's SCHEMA.": (
        "This is a bug in the tap or in a stream map: report it."
    ),
    "…: … has a value that is no ….": "This is a bug in the tap or in a stream map: report it.",
    "…: a record is not as its SCHEMA says: ….": "This is a bug in the tap or in a stream map: report it.",
    (
        "…, so it cannot be told apart from others. Nothing is skipped silently: run again later, and "
        "report it if it happens again."
    ): "Run again later, and report it if it happens again.",
}
"""Message -> what to do, for messages that don't end with it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message and what to do about it."""

    text: str
    advice: str
    ends_with_advice: bool = False
    """True if the tap prints the advice too, after the text."""

    @property
    def pattern(self) -> str:
        """A regular expression that matches the message as the tap prints it."""
        printed = f"{self.text} {self.advice}" if self.ends_with_advice else self.text
        return ".*".join(re.escape(part) for part in printed.split(ANYTHING))


@cache
def messages() -> tuple[Message, ...]:
    """All messages except those of failed calls and of wings, sorted by text.

    Raises:
        SystemExit: A message has no advice, or `ADVICE` has an entry for a message that is not in the code.
    """
    return _sorted([path for path in shipped(PACKAGE) if not _is_of_a_wing(path)], ADVICE)


@cache
def messages_of_wing(package: Path) -> tuple[Message, ...]:
    """The messages of a wing; those that need advice have it in `ADVICE` of its module `tests.docs`.

    Args:
        package: Folder of the wing.

    Raises:
        SystemExit: As for `messages`.
    """
    return _sorted(shipped(package), getattr(_docs(package), "ADVICE", {}))


def _docs(package: Path) -> ModuleType:
    """The module that says what of the documents comes from a wing."""
    return import_module(".".join((*package.relative_to(PACKAGE.parent).parts, "tests", "docs")))


def _sorted(paths: Iterable[Path], advice: Mapping[str, str]) -> tuple[Message, ...]:
    found = dict.fromkeys(_all_texts(paths))
    if stale := advice.keys() - found:
        raise SystemExit(f"ADVICE has messages that are not in the code: {sorted(stale)}")
    return tuple(
        sorted(
            (_message(text, advice) for text in found),
            key=lambda one: one.text.lstrip(f"{ANYTHING}: ").lower(),
        )
    )


def wing_packages() -> list[Path]:
    """The folders of the wings."""
    return [PACKAGE.parent.joinpath(*name.split(".")[:-1]) for name in WINGS]


def _is_of_a_wing(path: Path) -> bool:
    return any(path.is_relative_to(package) for package in wing_packages())


def is_listed(line: str) -> bool:
    """Return whether the documents list a message that ended a run."""
    known = [*messages(), *(one for package in wing_packages() for one in messages_of_wing(package))]
    further = [advice for package in wing_packages() for advice in getattr(_docs(package), "FAULTS", ())]
    return any(
        advice in line for advice in (*errors.ADVICE.values(), *LOGIN_ADVICE.values(), *further)
    ) or any(re.search(one.pattern, line) for one in known)


def _message(text: str, advice: Mapping[str, str]) -> Message:
    parts = re.fullmatch(r"(.*?[a-z].*?\.) ([A-Z].+)", text)
    if text in advice:
        return Message(parts[1] if parts else text, advice[text])
    if parts is None:
        raise SystemExit(
            f"{text!r} does not say what to do about it. Add a sentence to the message, "
            "or an entry to ADVICE in tools/messages.py."
        )
    return Message(parts[1], parts[2], ends_with_advice=True)


def _all_texts(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield from _texts(node, path.name)


def _texts(function: ast.FunctionDef, file: str) -> Iterator[str]:
    """Yield the messages in a function that end a stream or the run."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            for argument in _arguments(node, file):
                for text in _templates(argument, function):
                    if " " in text and any(letter.isalpha() for letter in text):
                        yield text


def _arguments(call: ast.Call, file: str) -> Iterator[ast.expr]:
    """Yield the arguments of a call that can hold such a message."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            is_ending = name in ENDINGS or (name == "ValueError" and file in _REASONS)
            if is_ending or (name == "__init__" and file == "errors.py"):
                yield from call.args
        case _:
            pass
    yield from (one.value for one in call.keywords if one.arg == "refusal")


def _templates(node: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """Yield every text that an expression can have, with `ANYTHING` for parts known only at run time."""
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
                if (
                    isinstance(one, ast.Assign)
                    and any(isinstance(target, ast.Name) and target.id == name for target in one.targets)
                    and not any(
                        isinstance(part, ast.Name) and part.id == name for part in ast.walk(one.value)
                    )
                ):
                    yield from _templates(one.value, function)
        case _:
            pass
