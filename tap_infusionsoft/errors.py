"""How a run can end, the errors that end it, and what users can do about each.

The exceptions that end a run or a stream:

    Exception
    ├── TapError                 one line for the user, and an exit code
    │   ├── ConfigError          a setting, catalog or state file is wrong
    │   ├── OutputLostError      nobody reads the messages any more
    │   ├── RecordTooLargeError  a record's line is too long
    │   └── RunFailedError       some or all streams failed
    └── KeapError                a call failed for good (client.faults); see `explain` and `exit_for`
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import IntEnum
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import NOT_SERVED, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_infusionsoft.client.faults import Fault, KeapError


class Exit(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    CONFIG = 2
    PARTIAL = 3
    QUOTA = 75


_MEANINGS: Mapping[int, str] = {
    Exit.OK: "complete",
    Exit.FAILED: "failed",
    Exit.CONFIG: "a setting, the key or a file is wrong",
    Exit.PARTIAL: "some streams failed; the others are complete",
    Exit.QUOTA: "stopped for now, because calls or time are used up; run again later",
}
SIGNALS = 128
"""What the number of a signal is added to, for the exit code of a process that it stopped."""


def meaning(code: int) -> str:
    """Return what an exit code means, in a few words.

    Args:
        code: The exit code.
    """
    if code > SIGNALS:
        return "stopped by a signal; the state keeps what is complete"
    return _MEANINGS.get(code, "failed")


class TapError(Exception):
    """Ends the run with one line for the user.

    Attributes:
        exit_code: The exit code of the process.
    """

    exit_code = Exit.FAILED


class ConfigError(TapError):
    """A setting, catalog or state file is wrong. The message names it and says what to do."""

    exit_code = Exit.CONFIG


class OutputLostError(TapError):
    """Stdout cannot be written any more; most often, because the target has ended before the tap."""

    def __init__(self, error: OSError) -> None:
        """Put the error of the write into words."""
        if isinstance(error, BrokenPipeError):
            text = (
                "The target has stopped reading. Its own messages say why; what it has not confirmed comes "
                "again."
            )
        else:
            text = (
                f"stdout cannot be written: {error.strerror}. What did not arrive comes again in the next "
                "run."
            )
        super().__init__(text)


class RecordTooLargeError(TapError):
    """A record's line is longer than the settings allow. Its stream ends there, so the record is not lost."""

    def __init__(self, size: int, largest: int, column: str) -> None:
        """Put it into words.

        Args:
            size: Bytes of the record's line.
            largest: The setting max_record_bytes.
            column: The record's largest column.
        """
        super().__init__(
            f"a record takes a line of {size} bytes, and max_record_bytes is {largest}. Raise it, if the "
            f"target can take such lines, or deselect the column {column}, which is the largest."
        )


class HourSpentError(TapError):
    """The calls of the hour are used up, so that a check can look at nothing."""

    exit_code = Exit.QUOTA

    def __init__(self, most: int) -> None:
        """The error.

        Args:
            most: Calls in an hour.
        """
        super().__init__(
            f"The {most:,} calls of this hour are used up (requests_per_hour), so the check cannot look at "
            "the account. A run waits for the next ones; check again within the hour."
        )


class RunFailedError(TapError):
    """Streams failed. Each was reported when it did."""

    def __init__(self, message: str, exit_code: Exit) -> None:
        """Create an error with the line for the user and the exit code of the process."""
        super().__init__(message)
        self.exit_code = exit_code


ADVICE: Mapping[Kind, str] = {
    Kind.QUERY_TOO_LONG: "Narrow the saved search in Keap, or raise query_waits.",
    Kind.SEARCH_BLOCKED: (
        "Keap blocks this saved search after repeated failures. Narrow it in Keap, then run again."
    ),
    Kind.MINUTE_THROTTLE: (
        "Something else uses this key too. Lower requests_per_minute or run at another time."
    ),
    Kind.SPIKE: "Calls came too fast for Keap. Lower requests_per_second.",
    Kind.DAY_QUOTA: "The day's calls are used up. Run again after the reset.",
    Kind.DAY_SHARE: ("The rest is left to others. Run again after the reset, or raise daily_quota_share."),
    Kind.DAY_MOST: "Run again after the reset, or raise requests_per_day.",
    Kind.WRONG_KEY: (
        "Check api_key (or access_token): it is mistyped, was revoked, or belongs to another system."
    ),
    Kind.TOKEN_EXPIRED: (
        "Put a fresh token into access_token, or use refresh_token, which the tap renews, or api_key, which "
        "does not expire."
    ),
    Kind.NO_CREDENTIAL: "Set api_key or access_token; what is set now is not a usable credential.",
    Kind.NO_APPLICATION: (
        "The key or the name of the application is wrong, or the key may not use XML-RPC. Check api_key (or "
        "access_token), or deselect the stream."
    ),
    Kind.NOT_APPROVED: "Authorize the application again in Keap, then use the new token.",
    Kind.REFRESH_REFUSED: (
        "Run tap-infusionsoft-login to authorize the application again; see OAuth in docs/account.md."
    ),
    Kind.WRONG_CLIENT: (
        "Check client_id and client_secret; the login, or refresh_token, must be of that client_id."
    ),
    Kind.REFRESH_LOST: (
        "Keap may have spent the refresh token, and the new one never arrived. Run again to try the old one "
        "once more; if Keap refuses it, run tap-infusionsoft-login."
    ),
    Kind.NO_TOKEN_SERVICE: "Check api_url and proxies: what answers there is not Keap's token service.",
    Kind.TOKEN_FILE: "No refresh token was spent. Fix the problem and run again.",
    Kind.TOKEN_FILE_LOCKED: (
        "No refresh token was spent. If the process that holds token_file hangs, end it; then run again."
    ),
    Kind.TOKEN_FILE_DAMAGED: (
        "No refresh token was spent. Restore token_file; or remove it, and run tap-infusionsoft-login."
    ),
    Kind.TOKEN_FILE_FOREIGN: (
        "No refresh token was spent. Set token_file to another path, or remove what is there."
    ),
    Kind.TOKEN_FILE_OWNER: (
        "No refresh token was spent. Run the tap as the user who owns token_file, or give the file to this "
        "user."
    ),
    Kind.NO_LOGIN: "Run tap-infusionsoft-login, with the same settings.",
    Kind.TOKEN_UNSAVED: (
        "The refresh token is spent, and the new one may be lost. Fix the problem and run again."
    ),
    Kind.OTHER_ACCOUNT: (
        "No row of it was loaded. Give each account its own state and catalog (in Meltano, an environment or "
        "a --state-id-suffix). If the account itself was moved or renamed, remove account from the state and "
        "run discovery again (in Meltano: --refresh-catalog)."
    ),
    Kind.FORBIDDEN: "The credential may not read this. Use one of an admin user, or deselect the stream.",
    Kind.NOT_FOUND: "The record is gone, or its id is wrong. Check the ids in the settings, and run again.",
    Kind.WITHDRAWN: "Keap does not serve this address (any more). Deselect the stream and report it.",
    Kind.BAD_REQUEST: "Keap refuses the request. Check the ids, dates and fields in the settings.",
    Kind.REFUSED: "Keap refuses this kind of call. Deselect the stream and report it.",
    Kind.SERVER_ERROR: "Keap failed on its side. Run again later; the state keeps what was done.",
    Kind.UNAVAILABLE: "Keap is not available. See its status page, and run again later.",
    Kind.TIMEOUT: "Keap took too long to answer. Run again later, or select fewer fields.",
    Kind.BLANK: (
        "Keap answered without the rows it should send. Nothing was marked as deleted; run again later."
    ),
    Kind.DAMAGED: (
        "The answer arrived, but it is not valid JSON. Run again later; report it if it keeps happening."
    ),
    Kind.NOT_JSON: (
        "Something between the tap and Keap answered with a web page. Check api_url, proxies and Keap's "
        "status."
    ),
    Kind.UNREACHABLE: "Check api_url, the network and proxies, then run again.",
    Kind.HANDSHAKE: "No encrypted connection could be set up. Check api_url and proxies, then run again.",
    Kind.CERTIFICATE: (
        "The server is not who it should be. Check api_url, proxies and the machine's certificates."
    ),
    Kind.REDIRECT: "The tap does not follow redirects. Check api_url.",
    Kind.CALLS_SPENT: (
        "Raise max_calls_per_run, or leave it out: discovery and --test do not go on where an earlier one "
        "stopped."
    ),
    Kind.RUN_OVER: (
        "Run again to go on; raise max_run_hours, or select fewer streams, if that happens every time."
    ),
    Kind.PAGING: "Keap's paging does not come to an end. Run again later; report it if it keeps happening.",
    Kind.TOO_LARGE: (
        "The answer exceeds the tap's limits, for as few rows as can be asked for. Shorten what is so long "
        "in Keap, or deselect its column; if Keap has no such row, check api_url."
    ),
}
"""What a user can do about each kind of fault: the end of the message that ends a stream or the run."""

ENDS_RUN = frozenset(
    {
        Kind.DAY_QUOTA,
        Kind.DAY_SHARE,
        Kind.DAY_MOST,
        Kind.WRONG_KEY,
        Kind.TOKEN_EXPIRED,
        Kind.NO_CREDENTIAL,
        Kind.NOT_APPROVED,
        Kind.REFRESH_REFUSED,
        Kind.WRONG_CLIENT,
        Kind.REFRESH_LOST,
        Kind.NO_TOKEN_SERVICE,
        Kind.TOKEN_FILE,
        Kind.TOKEN_FILE_LOCKED,
        Kind.TOKEN_FILE_DAMAGED,
        Kind.TOKEN_FILE_FOREIGN,
        Kind.TOKEN_FILE_OWNER,
        Kind.NO_LOGIN,
        Kind.TOKEN_UNSAVED,
        Kind.OTHER_ACCOUNT,
        Kind.CERTIFICATE,
        Kind.REDIRECT,
        Kind.RUN_OVER,
    }
)
"""Faults that would fail every remaining stream too."""

NO_CONTACT = frozenset({Kind.UNREACHABLE, Kind.HANDSHAKE})
"""Faults that look as if there were no server."""


def explain(error: KeapError, unserved: str = "") -> str:
    """Say what happened and what the user can do about it.

    Args:
        error: What happened.
        unserved: What to do if Keap does not serve the stream, where that is known.
    """
    fault = error.fault
    is_unserved = bool(unserved) and fault.kind in NOT_SERVED
    return f"{error} {fault.advice or (unserved if is_unserved else ADVICE[fault.kind])}"


def exit_for(fault: Fault) -> Exit:
    """Return the exit code of a run that ends with a fault."""
    if fault.kind in {Kind.DAY_QUOTA, Kind.DAY_SHARE, Kind.DAY_MOST, Kind.RUN_OVER}:
        return Exit.QUOTA
    return Exit.CONFIG if fault.kind in ENDS_RUN else Exit.FAILED


def ends_run(error: KeapError, *, answered: bool) -> bool:
    """Return True if an error would fail every remaining stream too.

    Args:
        error: The error.
        answered: Whether the server has answered since it was last out of reach. If not, being out of reach
            ends the run too.
    """
    kind = error.fault.kind
    return kind in ENDS_RUN or (kind in NO_CONTACT and not answered)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest what was probably meant by an unknown name.

    Args:
        name: The unknown name.
        known: All names that exist.

    Returns:
        A question with a space before it, to append to a message; empty if no name is similar. Case does not
        count.
    """
    by_name = {one.casefold(): one for one in known}
    found = get_close_matches(name.casefold(), by_name, n=1)
    return f" Did you mean {by_name[found[0]]!r}?" if found else ""
