"""The command `keap-sandbox`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from keap_sandbox.accounts import BadAccountError, parse_account
from keap_sandbox.engine import DEFAULT_API_KEY, Engine
from keap_sandbox.faults.catalog import GROUPS
from keap_sandbox.faults.rules import BadRuleError
from keap_sandbox.http_server import serve
from keap_sandbox.switch_docs import describe
from keap_sandbox.switches import BadSwitchError, Switches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """Reports a wrong option in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Print the message to stderr and exit with 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def _describe_faults() -> Iterator[str]:
    for title, group in GROUPS.items():
        yield f"  {title}:"
        yield from (f"    {name}: {about}" for name, (about, _) in group.items())


def _parser() -> _Parser:
    parser = _Parser(
        prog="keap-sandbox",
        description="A Keap account on localhost: REST v2 and v1, XML-RPC, limits and faults.",
        epilog="switches (--set NAME=VALUE):\n"
        + describe()
        + "\n\nfaults (by name, in --faults FILE or POST /sandbox/faults):\n"
        + "\n".join(_describe_faults()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="loopback address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port to listen on; 0 picks a free one (default: 0)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="number that selects the sample account (default: 1)"
    )
    parser.add_argument("--contacts", type=int, default=2000, help="number of contacts (default: 2000)")
    parser.add_argument(
        "--api-key", default=DEFAULT_API_KEY, help=f"API key to accept (default: {DEFAULT_API_KEY})"
    )
    parser.add_argument(
        "--account",
        metavar="TEXT",
        action="append",
        default=[],
        help="a further account with separate data, as key=KEY,tenant=ID,name=NAME[,seed=N][,contacts=N]; "
        "may be repeated",
    )
    parser.add_argument("--faults", metavar="FILE", help="JSON file with a fault rule or a list of them")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="set a switch, see below; may be repeated",
    )
    return parser


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _switches(parser: _Parser, arguments: Sequence[str]) -> Switches:
    switches = Switches()
    for argument in arguments:
        # One argument may set several switches, separated by spaces
        for setting in argument.split():
            name, equals, value = setting.partition("=")
            if not equals:
                parser.error(f"argument --set: {setting!r} is not NAME=VALUE")
            try:
                switches.set(name, value)
            except BadSwitchError as error:
                parser.error(f"argument --set: {error}")
    return switches


def _rules(parser: _Parser, path: str) -> Any:
    try:
        return msgspec.json.decode(Path(path).read_bytes())
    except OSError as error:
        parser.error(f"argument --faults: cannot read {path}: {error.strerror}")
    except msgspec.DecodeError as error:
        parser.error(f"argument --faults: {path} is not readable JSON: {error}")


def _engine(parser: _Parser, arguments: argparse.Namespace) -> Engine:
    if not _is_loopback(arguments.host):
        parser.error(f"argument --host: {arguments.host!r} is not a loopback address")
    if not 0 <= arguments.port < 65_536:  # noqa: PLR2004
        parser.error(f"argument --port: {arguments.port} is not a port")
    if arguments.contacts < 0:
        parser.error(f"argument --contacts: {arguments.contacts} is less than 0")
    if not arguments.api_key:
        parser.error("argument --api-key: must not be empty")
    switches = _switches(parser, arguments.set)
    rules = _rules(parser, arguments.faults) if arguments.faults else None
    try:
        engine = Engine(
            seed=arguments.seed,
            contacts=arguments.contacts,
            api_key=arguments.api_key,
            switches=switches,
            accounts=[parse_account(one) for one in arguments.account],
        )
    except BadAccountError as error:
        parser.error(f"argument --account: {error}")
    if rules is not None:
        try:
            engine.faults.add(rules)
        except BadRuleError as error:
            parser.error(f"argument --faults: {error}")
    return engine


async def _run(parser: _Parser, engine: Engine, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        server = await serve(engine, host, port)
    except OSError as error:
        parser.error(f"argument --port: cannot listen on {host}:{port}: {error.strerror or error}")
    sys.stdout.write(f"listening on {server.url}\n")
    sys.stdout.flush()
    await stop.wait()
    await server.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until SIGTERM or SIGINT.

    Args:
        argv: The arguments; by default those of the process.

    Returns:
        The exit status.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    engine = _engine(parser, arguments)
    # A page consists of many short-lived dicts without cycles, and searching them for cycles takes a quarter
    # of the time
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
    asyncio.run(_run(parser, engine, arguments.host, arguments.port))
    return 0
