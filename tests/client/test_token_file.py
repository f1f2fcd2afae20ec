"""The token file: private, complete, writable before a token is spent, and never somebody else's."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.client.auth.token_file import LONGEST_LOCK, TokenFileError, Tokens, TokenStore
from tests.virtual import VirtualClock

SEED = "canary-seed-token"
FIRST = Tokens("canary-refresh-1", "canary-access-1")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keap.token.json"


def store(path: Path, clock: VirtualClock, *, client: str = "client-1", seed: str = SEED) -> TokenStore:
    return TokenStore(path, client, seed, clock)


def read(one: TokenStore) -> Tokens:
    with one.locked():
        return one.read()


def save(one: TokenStore, new: Tokens) -> None:
    with one.locked():
        one.read()
        one.save(new)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_the_first_refresh_token_comes_from_the_authorization(path: Path, clock: VirtualClock) -> None:
    assert read(store(path, clock)) == Tokens(SEED)
    assert not path.exists()


def test_saved_tokens_are_read_by_the_next_run(path: Path, clock: VirtualClock) -> None:
    later = clock.now() + timedelta(hours=1)
    saved = Tokens("refresh", "access", later, clock.now(), later)
    save(store(path, clock), saved)
    assert read(store(path, clock)) == saved


@pytest.mark.parametrize("mask", [0, 0o022, 0o777])
def test_the_files_are_private_whatever_the_umask(path: Path, clock: VirtualClock, mask: int) -> None:
    with umask(mask):
        save(store(path, clock), FIRST)
    if mask != 0o777:
        assert stat.S_IMODE(path.with_name(f"{path.name}.lock").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_can_read_is_made_private_with_a_warning(
    path: Path, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    save(store(path, clock), FIRST)
    path.chmod(0o644)
    assert read(store(path, clock)) == FIRST
    assert "Other users could read or write the token file" in caplog.text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_authorization_starts_afresh_and_the_old_one_is_found_again(
    path: Path, clock: VirtualClock
) -> None:
    save(store(path, clock), FIRST)
    assert read(store(path, clock, seed="canary-new-seed")) == Tokens("canary-new-seed")
    save(store(path, clock, seed="canary-new-seed"), Tokens("refresh-2", "access-2", None, clock.now()))
    assert read(store(path, clock, seed="canary-new-seed")).refresh_token == "refresh-2"
    assert read(store(path, clock)) == FIRST


def test_the_file_holds_neither_the_first_token_nor_the_client_id(path: Path, clock: VirtualClock) -> None:
    save(store(path, clock), FIRST)
    assert SEED not in path.read_text()
    assert "client-1" not in path.read_text()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2}', '{"version": 1, "client": "x"}', "\0" * 99]
)
def test_a_file_without_tokens_is_refused_and_left_alone(path: Path, clock: VirtualClock, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(TokenFileError, match="does not hold saved tokens"):
        read(store(path, clock))
    assert path.read_text() == text


def test_a_truncated_file_is_refused(path: Path, clock: VirtualClock) -> None:
    save(store(path, clock), FIRST)
    whole = path.read_bytes()
    for length in range(len(whole.rstrip())):
        path.write_bytes(whole[:length])
        with pytest.raises(TokenFileError, match="does not hold"):
            read(store(path, clock))


def test_the_file_of_another_client_is_left_alone(path: Path, clock: VirtualClock) -> None:
    save(store(path, clock), FIRST)
    with pytest.raises(TokenFileError, match="belongs to another client id"):
        read(store(path, clock, client="client-2"))
    assert read(store(path, clock)) == FIRST


def _link(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("{}")
    path.symlink_to(other)


def _fill(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_link, "it is a symbolic link"),
        (_fill, "is not a regular file"),
        (os.mkfifo, "is not a regular file"),
    ],
)
def test_anything_but_a_regular_file_is_refused(
    path: Path, clock: VirtualClock, make: Callable[[Path], None], says: str
) -> None:
    make(path)
    with pytest.raises(TokenFileError, match=says):
        read(store(path, clock))


@pytest.mark.parametrize("ending", ["next", "lock"])
def test_symbolic_links_beside_the_file_are_not_followed(
    path: Path, clock: VirtualClock, ending: str
) -> None:
    victim = path.with_name("victim")
    victim.write_text("precious")
    path.with_name(f"{path.name}.{ending}").symlink_to(victim)
    with pytest.raises(TokenFileError, match="it is a symbolic link"):
        save(store(path, clock), FIRST)
    assert victim.read_text() == "precious"


def test_the_file_of_another_user_is_refused(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store(path, clock), FIRST)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(TokenFileError, match="belongs to another user"):
        read(store(path, clock))


def test_the_error_says_if_the_folder_does_not_exist(tmp_path: Path, clock: VirtualClock) -> None:
    with pytest.raises(TokenFileError, match="its folder does not exist"):
        read(store(tmp_path / "no" / "file", clock))


def test_reserved_space_that_was_never_filled_is_removed(path: Path, clock: VirtualClock) -> None:
    save(store(path, clock), FIRST)
    left = store(path, clock)
    with left.locked():
        left.read()
        os.close(left.reserve())
    assert read(store(path, clock)) == FIRST
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name, f"{path.name}.lock"]


def test_the_file_is_replaced_only_after_the_new_version_is_durable(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls.append(f"{name} folder" if name == "fsync" and _is_folder(args[0]) else name)
            return function(*args, **kwargs)

        return call

    for name in ("pwrite", "ftruncate", "fsync", "replace"):
        monkeypatch.setattr(os, name, noting(name, getattr(os, name)))
    save(store(path, clock), FIRST)
    assert calls == ["pwrite", "fsync", "pwrite", "ftruncate", "fsync", "replace", "fsync folder"]


def _is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


@pytest.mark.parametrize("name", ["fchmod", "pwrite", "ftruncate", "fsync", "replace"])
def test_a_refused_system_call_is_reported_and_loses_nothing(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    save(store(path, clock), FIRST)
    with monkeypatch.context() as broken:

        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        broken.setattr(os, name, refuse)
        with pytest.raises(TokenFileError, match=r"cannot be written: no space left on device"):
            save(store(path, clock), Tokens("refresh-2"))
    assert read(store(path, clock)).refresh_token in {FIRST.refresh_token, "refresh-2"}


def test_a_file_system_that_cannot_sync_folders_is_accepted(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(descriptor: int) -> None:
        if _is_folder(descriptor):
            raise OSError(errno.EINVAL, "invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    save(store(path, clock), FIRST)
    assert read(store(path, clock)) == FIRST


F_FULLFSYNC = 51
"""The command on macOS, whose plain fsync leaves data in the drive's cache."""


@pytest.mark.parametrize("knows", [True, False])
def test_on_macos_the_cache_of_the_drive_is_flushed_too(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, *, knows: bool
) -> None:
    calls: list[str] = []

    def control(descriptor: int, command: int) -> None:
        assert command == F_FULLFSYNC
        assert stat.S_ISREG(os.fstat(descriptor).st_mode)
        calls.append("full")
        if not knows:
            raise OSError(errno.ENOTSUP, "a volume that does not know it")

    def noting(name: str, function: Callable[..., None]) -> Callable[..., None]:
        def call(*args: Any) -> None:
            calls.append(name)
            function(*args)

        return call

    monkeypatch.setattr(fcntl, "F_FULLFSYNC", F_FULLFSYNC, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", control)
    monkeypatch.setattr(os, "fsync", noting("plain", os.fsync))
    monkeypatch.setattr(os, "replace", noting("replace", os.replace))
    save(store(path, clock), FIRST)
    file = ["full"] if knows else ["full", "plain"]
    assert calls == [*file, *file, "replace", "plain"], "reserved, filled, put in place, and the folder"
    assert read(store(path, clock)) == FIRST


def test_short_writes_are_completed(path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: whole(file, data[:7], at))
    save(store(path, clock), FIRST)
    assert read(store(path, clock)) == FIRST


def test_tokens_longer_than_the_reserved_space_are_saved(path: Path, clock: VirtualClock) -> None:
    long = Tokens("r" * 9000, "a" * 9000)
    save(store(path, clock), long)
    assert read(store(path, clock)) == long
    json.loads(path.read_text())


def test_waiting_for_a_lock_ends_with_an_error(path: Path, clock: VirtualClock) -> None:
    with (
        store(path, clock).locked(),
        pytest.raises(TokenFileError, match="locked by another process for 300 s"),
        store(path, clock).locked(),
    ):
        pass
    assert sum(clock.waits) == pytest.approx(LONGEST_LOCK, rel=0.01)


class RestlessClock(VirtualClock):
    """A clock for threads that wait for each other: waits take no virtual time."""

    def sleep(self, seconds: float) -> None:
        pass


def test_two_threads_never_hold_the_lock_at_once(path: Path) -> None:
    clock, inside, most = RestlessClock(), [0], [0]

    def work() -> None:
        for _ in range(50):
            with store(path, clock).locked():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
