"""Where OAuth tokens are kept between runs: a file that one process at a time changes, whole or not at all.

Keap's refresh tokens are good for one use. So a refresh goes like this, all of it under one lock:

1. read the file: another process may have refreshed meanwhile;
2. write it anew, with the time of this refresh: what cannot be written fails here, with no token spent;
3. reserve room on the disk for its successor;
4. ask Keap, once;
5. write the answer into that room, make it durable, and put it in the place of the file.

A crash before 4 spends nothing. A crash within 5 loses nothing: the successor is found and taken over by whoever reads
next. Only a crash between Keap's spending the token and the first write of 5 loses the new one, as it must; the time of
step 2 then says what happened.

    <file>         the tokens
    <file>.next    the successor, while it is written
    <file>.lock    locked by whoever reads or writes; never removed, for that could not be made safe
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import stat
from contextlib import contextmanager, suppress
from datetime import datetime  # noqa: TC003  # msgspec looks it up
from typing import TYPE_CHECKING, Literal

import msgspec

from tap_infusionsoft.client.redact import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_infusionsoft.client.clock import Clock

logger = logging.getLogger("tap-infusionsoft")

LONGEST_LOCK = 300.0
"""Seconds to wait for another process; a refresh takes it less than one minute."""
_LOCK_STEP = 0.02
_RESERVED = 4096
"""Bytes on the disk for the successor: a page, which is written whole or not at all even when the process is killed."""
_LARGEST = 1 << 20
_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW if os.name == "posix" else 0
_PRIVATE = 0o600
_OTHERS = 0o077

RESTORE = (
    "Restore it; or remove it, authorize the application again, and put the new token into refresh_token."
)


class StoreError(Exception):
    """The file cannot be used. The message names it, says why, and what to do."""


class Tokens(msgspec.Struct, frozen=True, omit_defaults=True):
    """The tokens of one authorization.

    Attributes:
        refresh_token: Good for one more access token.
        access_token: The last one; empty before the first.
        renew_at: From when on it should not be relied on; None where Keap did not say how long it lives.
        saved_at: When Keap gave them; None for a token that was never used.
        asked_at: When a refresh began that has not ended: it may have spent the refresh token.
    """

    refresh_token: str
    access_token: str = ""
    renew_at: datetime | None = None
    saved_at: datetime | None = None
    asked_at: datetime | None = None


class _Contents(msgspec.Struct):
    """What stands in the file: the tokens by the digest of the refresh token, from the settings, that they began with.

    So a new token in the settings wins, an old one finds its place again, and the accounts of one application do not
    overwrite each other.
    """

    version: Literal[1]
    client: str
    grants: dict[str, Tokens]


def digest(secret: str) -> str:
    """A name for a secret that does not tell it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


class TokenStore:
    """The tokens that grew out of one refresh token, in a file that others may use as well.

    All methods but `locked` need the lock.
    """

    def __init__(self, path: Path, client_id: str, seed: str, clock: Clock) -> None:
        """A store; nothing is read yet.

        Args:
            path: The file. Its folder must exist.
            client_id: Whose tokens they are.
            seed: The refresh token of the settings.
            clock: Waits for the lock.
        """
        self.path = path
        self._next = path.with_name(f"{path.name}.next")
        self._lock = path.with_name(f"{path.name}.lock")
        self._client = digest(client_id)
        self._seed = seed
        self._clock = clock
        self._contents = _Contents(1, self._client, {})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes, and other stores of this one, away from the file.

        Raises:
            StoreError: It cannot be locked, or another process does not let go of it.
        """
        import fcntl  # noqa: PLC0415  # not on Windows, where the settings refuse OAuth

        with self._told("locked"):
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | _OPEN, _PRIVATE)
        try:
            deadline = self._clock.monotonic() + LONGEST_LOCK
            while True:
                try:
                    with self._told("locked"):
                        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if self._clock.monotonic() > deadline:
                        raise StoreError(
                            f"token_file {self._name} is locked by another process for {LONGEST_LOCK:.0f} s. "
                            "End that process, if it hangs."
                        ) from None
                    self._clock.sleep(_LOCK_STEP)
                else:
                    break
            yield
        finally:
            os.close(descriptor)  # lets go of the lock as well

    def read(self) -> Tokens:
        """The tokens as they are now; before the first refresh, the refresh token of the settings alone.

        Raises:
            StoreError: The file cannot be read, or holds something else.
        """
        self._take_over()
        contents = self._load(self.path)
        if isinstance(contents, bytes):
            raise StoreError(f"token_file {self._name} does not hold this tap's tokens. {RESTORE}")
        if contents is None:
            contents = _Contents(1, self._client, {})
        if contents.client != self._client:
            raise StoreError(
                f"token_file {self._name} belongs to another client_id. Name another file, or remove this one."
            )
        self._contents = contents
        return contents.grants.get(digest(self._seed)) or Tokens(self._seed)

    def save(self, tokens: Tokens) -> None:
        """Write the file anew, with these tokens in the place of the ones that `read` gave.

        Raises:
            StoreError: It cannot be written. Nothing has changed.
        """
        self.fill(self.reserve(), tokens)

    def reserve(self) -> int:
        """Take the room on the disk that `fill` needs, and return its descriptor.

        Raises:
            StoreError: There is none.
        """
        with self._told("written"):
            descriptor = os.open(self._next, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, _PRIVATE)
            try:
                os.fchmod(descriptor, _PRIVATE)  # whatever the umask
                _write(descriptor, b" " * _RESERVED)
                _make_durable(descriptor)
            except OSError:
                self.release(descriptor)
                raise
        return descriptor

    def release(self, descriptor: int) -> None:
        """Give back what `reserve` took."""
        os.close(descriptor)
        with suppress(OSError):  # the next reading removes it
            os.unlink(self._next)  # noqa: PTH108  # all system calls of this module are os's own

    def fill(self, descriptor: int, tokens: Tokens) -> None:
        """Write the file anew, into the reserved room.

        Raises:
            StoreError: It cannot be written.
        """
        grants = dict(self._contents.grants)
        grants.pop(digest(self._seed), None)
        if tokens != Tokens(self._seed):
            grants[digest(self._seed)] = tokens
        contents = _Contents(1, self._client, grants)
        text = msgspec.json.format(msgspec.json.encode(contents)) + b"\n"
        with self._told("written"):
            try:
                _write(descriptor, text)
                os.ftruncate(descriptor, len(text))
                _make_durable(descriptor)
            finally:
                os.close(descriptor)
            self._put_in_place()
        self._contents = contents

    def _take_over(self) -> None:
        """Finish what a process began that ended in the middle of writing."""
        found = self._load(self._next)
        if found is None:
            return
        with self._told("written"):
            if isinstance(found, bytes):
                os.unlink(self._next)  # noqa: PTH108
                return
            descriptor = os.open(self._next, os.O_WRONLY | _OPEN)
            try:
                _make_durable(descriptor)
            finally:
                os.close(descriptor)
            self._put_in_place()
        logger.info("token_file %s: took over what an interrupted run had not finished saving.", self._name)

    def _put_in_place(self) -> None:
        os.replace(self._next, self.path)  # noqa: PTH105
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise  # those two are said by file systems that keep no folders to be synced
        finally:
            os.close(folder)

    def _load(self, path: Path) -> _Contents | bytes | None:
        """What stands in a file; bytes where it is not understood, None where there is no file."""
        with self._told("read"):
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _OPEN)
            except FileNotFoundError:
                return None
            try:
                self._check(descriptor)
                text = os.read(descriptor, _LARGEST)
            finally:
                os.close(descriptor)
        try:
            return msgspec.json.decode(text, type=_Contents)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return text

    def _check(self, descriptor: int) -> None:
        """Refuse what this user did not write, and see to it that nobody else can read it.

        Raises:
            StoreError: It is not a file, or somebody else's.
        """
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise StoreError(f"token_file {self._name} is not a file. Name another one.")
        if found.st_uid != os.geteuid():
            raise StoreError(
                f"token_file {self._name} belongs to another user (number {found.st_uid}). Run the tap as that user, "
                "or give the file to this one."
            )
        if found.st_mode & _OTHERS:
            logger.warning(
                "token_file %s could be read or written by other users; it no longer can. If somebody may have read "
                "it, authorize the application again.",
                self._name,
            )
            os.fchmod(descriptor, _PRIVATE)

    @property
    def _name(self) -> str:
        return printable(str(self.path))

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turn what the system refuses into a sentence."""
        try:
            yield
        except BlockingIOError:
            raise
        except OSError as error:
            reason = (
                "it is a symbolic link"
                if error.errno == errno.ELOOP
                else "its folder does not exist"
                if isinstance(error, FileNotFoundError)
                else (error.strerror or type(error).__name__).lower()
            )
            raise StoreError(f"token_file {self._name} cannot be {what}: {reason}.") from error


def _write(descriptor: int, data: bytes) -> None:
    """Write at the beginning of a file."""
    done = 0
    while done < len(data):
        done += os.pwrite(descriptor, data[done:], done)


def _make_durable(descriptor: int) -> None:
    """Return when what was written would survive a power failure."""
    import fcntl  # noqa: PLC0415

    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS, whose fsync leaves data in the drive's cache
    if full is not None:
        try:
            fcntl.fcntl(descriptor, full)
        except OSError:
            pass  # a volume that does not know it
        else:
            return
    os.fsync(descriptor)
