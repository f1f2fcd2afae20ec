"""One of several processes that share a token file.

    python -m tests.client.refresher <address> <token file>

Each line on its stdin is a turn: one call to Keap, in a child that crashes where the first word says, and
after a crash the same call again in a child that does not. A second word is the code of a login, which the
first child exchanges before it calls. The answer on stdout tells what happened: ``done``, ``crashed done``,
or what went wrong.

    0         nowhere
    7         after the seventh system call of the token file
    answer    when Keap has answered and nothing of it is written yet
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tap_infusionsoft.client.auth import token_endpoint, token_file
from tap_infusionsoft.client.auth.code_exchange import CodeExchange
from tap_infusionsoft.client.auth.refreshing import Grant, OAuthCredential
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.clock import SystemClock
from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor
from tap_infusionsoft.client.retry import Waits
from tap_infusionsoft.errors import explain
from tests.consent import REDIRECT

CRASHED = 77
SYSTEM_CALLS = frozenset(
    {"open", "close", "read", "pwrite", "fsync", "ftruncate", "fchmod", "fstat", "replace", "unlink"}
)


class CrashingSystem:
    """The module `os`, which ends the process after a number of system calls."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def __getattr__(self, name: str) -> Any:
        function = getattr(os, name)
        return self._counted(function) if name in SYSTEM_CALLS else function

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            self._left -= 1
            if self._left == 0:
                os._exit(CRASHED)
            return result

        return call


def grant_of(token_file: str) -> Grant:
    return Grant("sandbox-client", "sandbox-secret", "sandbox-refresh-0", Path(token_file), REDIRECT)


def call_keap(address: str, token_file: str, login: str) -> None:
    clock, redactor = SystemClock(), Redactor()
    grant = grant_of(token_file)
    if login:
        CodeExchange(grant, address, clock, "test", redactor).run(login)
    credential = OAuthCredential(grant, address, clock, "test", redactor)
    session = HttpTransport(address, credential, clock, "test")
    KeapClient(
        session, credential, Pacer(1000, clock), Budget(Share(1, 1_000_000), clock), Waits(), clock, redactor
    ).fetch(Call("/v2/oauth/connect/userinfo"))


def crash_at(place: str) -> None:
    if place == "answer":
        refresh, exchange = token_endpoint.refresh, token_endpoint.exchange

        def refresh_and_crash(*args: Any) -> token_endpoint.Granted:
            refresh(*args)
            os._exit(CRASHED)

        def exchange_and_crash(*args: Any) -> token_endpoint.Granted:
            exchange(*args)
            os._exit(CRASHED)

        vars(token_endpoint)["refresh"] = refresh_and_crash
        vars(token_endpoint)["exchange"] = exchange_and_crash
    elif place != "0":
        vars(token_file)["os"] = CrashingSystem(int(place))


def turn(address: str, token_file: str, place: str, login: str = "") -> str:
    child = os.fork()
    if child == 0:
        try:
            crash_at(place)
            call_keap(address, token_file, login)
        except KeapError as error:
            sys.stdout.write(f"{explain(error)}\n")
            sys.stdout.flush()
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == CRASHED:
        return f"crashed {turn(address, token_file, '0')}"
    return "done" if code == 0 else "failed"


def main() -> None:
    address, token_file = sys.argv[1:]
    for line in sys.stdin:
        sys.stdout.write(f"{turn(address, token_file, *line.split())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
