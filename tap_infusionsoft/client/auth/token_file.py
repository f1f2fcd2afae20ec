"""The file that keeps OAuth tokens between runs. One process at a time changes it, completely or not at all.

Keap's refresh tokens are good for one use. So a refresh takes these steps, all under one lock:

1. read the file: another process may have refreshed meanwhile;
2. rewrite it with the time of this refresh: if it cannot be written, this fails before a token is spent;
3. reserve disk space for the new version;
4. ask Keap, once;
5. write the answer into the reserved space, make it durable, and move it over the old file.

A crash before step 4 spends nothing. A crash during step 5 loses nothing: the next reader finds the new
version and finishes the move. Only a crash after Keap has spent the token and before the first write of step
5 loses the new token, which cannot be avoided; the time from step 2 then tells what happened.

    <file>         the tokens
    <file>.next    the new version, while it is written
    <file>.lock    held by the reader or writer; never removed, because that could not be made safe
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

from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.redact import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_infusionsoft.client.clock import Clock

logger = logging.getLogger("tap-infusionsoft")

LONGEST_LOCK = 300.0
"""Seconds to wait for another process, whose refresh takes less than a minute."""
_LOCK_STEP = 0.02
"""Seconds between two attempts to take the lock."""
_RESERVED = 4096
"""Bytes reserved for the new version: one page, which is written as a whole even if the process is killed."""
_LARGEST = 1 << 20
"""Bytes of the file that are read at most."""
_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW if os.name == "posix" else 0
_PRIVATE = 0o600
_OTHERS = 0o077

FAULTS = frozenset(
    {
        Kind.TOKEN_FILE,
        Kind.TOKEN_FILE_LOCKED,
        Kind.TOKEN_FILE_DAMAGED,
        Kind.TOKEN_FILE_FOREIGN,
        Kind.TOKEN_FILE_OWNER,
        Kind.NO_LOGIN,
    }
)
"""The kinds of a TokenFileError."""


class TokenFileError(Exception):
    """The file cannot be used. The message names it and says why.

    Attributes:
        kind: One of `FAULTS`.
    """

    def __init__(self, message: str, kind: Kind = Kind.TOKEN_FILE) -> None:
        super().__init__(message)
        self.kind = kind


class Tokens(msgspec.Struct, frozen=True, omit_defaults=True):
    """The tokens of one authorization.

    Attributes:
        refresh_token: Good for one refresh.
        access_token: The latest one; empty before the first refresh.
        renew_at: When to renew the access token; None if Keap did not say how long it lives.
        saved_at: When Keap issued them; None for a token that was never used.
        asked_at: When a refresh began that has not ended: it may have spent the refresh token.
    """

    refresh_token: str
    access_token: str = ""
    renew_at: datetime | None = None
    saved_at: datetime | None = None
    asked_at: datetime | None = None


class _Contents(msgspec.Struct):
    """What the file holds: the tokens of each authorization, by the fingerprint of its first refresh token.

    So a new authorization starts afresh, an old one is found again, and the accounts of one application do
    not overwrite each other. Tokens of a login are under `_LOGIN`, where the next login replaces them.
    """

    version: Literal[1]
    client: str
    grants: dict[str, Tokens]


_LOGIN = "login"
"""Placeholder for the fingerprint of a refresh token after a login, which begins without one."""


def fingerprint(secret: str) -> str:
    """Return a name for a secret that does not reveal it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


class TokenStore:
    """The tokens of one authorization, in a file that other processes may use too.

    Call all methods but `locked` while the lock is held.
    """

    def __init__(self, path: Path, client_id: str, seed: str, clock: Clock) -> None:
        """Set up a store. Nothing is read yet.

        Args:
            path: The file. Its folder must exist.
            client_id: The application that the tokens belong to.
            seed: The refresh token that the authorization began with; empty for a login.
            clock: Spends the wait for the lock.
        """
        self.path = path
        self._next = path.with_name(f"{path.name}.next")
        self._lock = path.with_name(f"{path.name}.lock")
        self._client = fingerprint(client_id)
        self._seed = seed
        self._key = fingerprint(seed) if seed else _LOGIN
        self._clock = clock
        self._contents = _Contents(1, self._client, {})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the file, against other processes and other stores of this one.

        Raises:
            TokenFileError: It cannot be locked, or another process does not release it.
        """
        import fcntl  # noqa: PLC0415  # missing on Windows, where this store cannot be used

        with self._readable_errors("locked"):
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | _OPEN, _PRIVATE)
        try:
            deadline = self._clock.monotonic() + LONGEST_LOCK
            while True:
                try:
                    with self._readable_errors("locked"):
                        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if self._clock.monotonic() > deadline:
                        raise TokenFileError(
                            f"the token file {self.name} has been locked by another process for "
                            f"{LONGEST_LOCK:.0f} s",
                            Kind.TOKEN_FILE_LOCKED,
                        ) from None
                    self._clock.sleep(_LOCK_STEP)
                else:
                    break
            yield
        finally:
            os.close(descriptor)  # releases the lock too

    def read(self) -> Tokens:
        """Return the current tokens; before the first refresh, only the refresh token of the authorization.

        Without a login, that refresh token is empty.

        Raises:
            TokenFileError: The file cannot be read, or holds something else.
        """
        self._finish_interrupted_save()
        contents = self._load(self.path)
        if isinstance(contents, bytes):
            raise TokenFileError(
                f"the token file {self.name} does not hold saved tokens", Kind.TOKEN_FILE_DAMAGED
            )
        if contents is None:
            contents = _Contents(1, self._client, {})
        if contents.client != self._client:
            raise TokenFileError(
                f"the token file {self.name} belongs to another client id", Kind.TOKEN_FILE_FOREIGN
            )
        self._contents = contents
        return contents.grants.get(self._key) or Tokens(self._seed)

    def save(self, tokens: Tokens) -> None:
        """Rewrite the file with these tokens in place of those that `read` returned.

        Raises:
            TokenFileError: It cannot be written. Nothing has changed.
        """
        self.fill(self.reserve(), tokens)

    def reserve(self) -> int:
        """Reserve the disk space that `fill` needs.

        Returns:
            The descriptor of the file that holds it.

        Raises:
            TokenFileError: There is no space, or the file cannot be written.
        """
        with self._readable_errors("written"):
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
        """Release the disk space that `reserve` took."""
        os.close(descriptor)
        with suppress(OSError):  # the next reader removes it
            os.unlink(self._next)  # noqa: PTH108  # every system call of this module goes through os

    def fill(self, descriptor: int, tokens: Tokens) -> None:
        """Write the tokens into the reserved space, and put it in place of the file.

        Args:
            descriptor: The return value of `reserve`; it is closed.
            tokens: The new tokens.

        Raises:
            TokenFileError: It cannot be written.
        """
        grants = dict(self._contents.grants)
        grants.pop(self._key, None)
        if tokens != Tokens(self._seed):
            grants[self._key] = tokens
        contents = _Contents(1, self._client, grants)
        text = msgspec.json.format(msgspec.json.encode(contents)) + b"\n"
        with self._readable_errors("written"):
            try:
                _write(descriptor, text)
                os.ftruncate(descriptor, len(text))
                _make_durable(descriptor)
            finally:
                os.close(descriptor)
            self._put_in_place()
        self._contents = contents

    def _finish_interrupted_save(self) -> None:
        """Finish the save of a process that ended in the middle of it."""
        found = self._load(self._next)
        if found is None:
            return
        with self._readable_errors("written"):
            if isinstance(found, bytes):
                os.unlink(self._next)  # noqa: PTH108
                return
            descriptor = os.open(self._next, os.O_WRONLY | _OPEN)
            try:
                _make_durable(descriptor)
            finally:
                os.close(descriptor)
            self._put_in_place()
        logger.info("Token file %s: finished a save that an earlier run was interrupted in.", self.name)

    def _put_in_place(self) -> None:
        os.replace(self._next, self.path)  # noqa: PTH105
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise  # file systems that cannot sync folders report one of those two
        finally:
            os.close(folder)

    def _load(self, path: Path) -> _Contents | bytes | None:
        """Return what a file holds; its bytes if it cannot be decoded, None if there is no file."""
        with self._readable_errors("read"):
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
        """Refuse a file that this user did not write, and take away the access of other users.

        Raises:
            TokenFileError: It is not a regular file, or belongs to somebody else.
        """
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise TokenFileError(f"the token file {self.name} is not a regular file", Kind.TOKEN_FILE_FOREIGN)
        if found.st_uid != os.geteuid():
            raise TokenFileError(
                f"the token file {self.name} belongs to another user (uid {found.st_uid})",
                Kind.TOKEN_FILE_OWNER,
            )
        if found.st_mode & _OTHERS:
            logger.warning(
                "Other users could read or write the token file %s; they no longer can. Those who have read "
                "it can use its tokens until the application is authorized again.",
                self.name,
            )
            os.fchmod(descriptor, _PRIVATE)

    @property
    def name(self) -> str:
        """The path, fit for a message."""
        return printable(str(self.path))

    @contextmanager
    def _readable_errors(self, done: str) -> Iterator[None]:
        """Turn an error of the operating system into a TokenFileError.

        Args:
            done: What cannot be done with the file: "locked", "read" or "written".
        """
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
            raise TokenFileError(f"the token file {self.name} cannot be {done}: {reason}") from error


def _write(descriptor: int, data: bytes) -> None:
    """Write all of ``data`` at the beginning of a file."""
    done = 0
    while done < len(data):
        done += os.pwrite(descriptor, data[done:], done)


def _make_durable(descriptor: int) -> None:
    """Return once everything written would survive a power failure."""
    import fcntl  # noqa: PLC0415

    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS, whose fsync leaves data in the drive's cache
    if full is not None:
        try:
            fcntl.fcntl(descriptor, full)
        except OSError:
            pass  # this volume does not support it
        else:
            return
    os.fsync(descriptor)
