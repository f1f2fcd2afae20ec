"""The command ``legacy-compare``."""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tap_infusionsoft.cli import HonestCommand
from tap_infusionsoft.errors import ConfigError, Exit, OutputLostError, did_you_mean
from tap_infusionsoft.xmlrpc.compare.as_html import as_html
from tap_infusionsoft.xmlrpc.compare.as_text import as_text
from tap_infusionsoft.xmlrpc.compare.document import Header, document, overall
from tap_infusionsoft.xmlrpc.compare.reading import CompareTap, Comparison
from tap_infusionsoft.xmlrpc.compare.results import Verdict
from tap_infusionsoft.xmlrpc.counterparts.tables import TABLE_MOVES
from tap_infusionsoft.xmlrpc.table_streams import stream_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from singer_sdk.plugin_base import _ConfigInput

    from tap_infusionsoft.xmlrpc.compare.document import Document
    from tap_infusionsoft.xmlrpc.counterparts.declarations import TableMove

DIFFERENCES = 10
"""Exit code if everything could be compared, and something differs."""

_FORMATS: Mapping[str, Callable[[Document], str]] = {
    "table": as_text,
    "json": lambda report: json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n",
    "html": as_html,
}


def main(arguments: Sequence[str]) -> int:
    """Run the command.

    Args:
        arguments: Its arguments.

    Returns:
        The exit code; but the command ends the process itself.
    """
    command = HonestCommand(
        name="legacy-compare",
        callback=_run,
        help="Compare tables of XML-RPC with the streams of REST that have their rows. "
        f"Ends with 0 if they are equal but for known differences, with {DIFFERENCES} if something differs, "
        "and with the codes of the tap if something cannot be read.",
        params=[
            click.Argument(["names"], nargs=-1, metavar="[TABLE|STREAM]..."),
            click.Option(
                ["--config"], multiple=True, callback=CompareTap.cb_config, help="As for the tap itself."
            ),
            click.Option(
                ["--format", "style"], type=click.Choice([*_FORMATS]), default="table", show_default=True
            ),
            click.Option(["--output"], metavar="FILE", help="Write the report there instead of to stdout."),
            click.Option(
                ["--values"], is_flag=True, help="Show values of rows that differ: they are personal data."
            ),
        ],
        logger=CompareTap.logger,
    )
    command.main([*arguments], prog_name="tap-infusionsoft legacy-compare")
    return Exit.OK


def chosen(names: Iterable[str]) -> list[TableMove]:
    """The tables that names stand for.

    Args:
        names: Names or patterns of tables, or names of streams; none for all tables that REST has.

    Raises:
        ConfigError: There is no such table or stream, or REST has nothing for it.
    """
    comparable = {name: move for name, move in TABLE_MOVES.items() if move.parts}
    found: dict[str, TableMove] = {}
    for wanted in names:
        hits = {
            name: move
            for name, move in TABLE_MOVES.items()
            if fnmatchcase(name, wanted)
            or stream_name(name) == wanted
            or any(part.stream == wanted for part in move.parts)
        }
        if not hits:
            known = [*comparable, *(part.stream for move in comparable.values() for part in move.parts)]
            raise ConfigError(
                f"{wanted!r} is no table, and no stream that has the rows of one."
                f"{did_you_mean(wanted, known)} The tables are: {', '.join(comparable)}."
            )
        if not hits.keys() & comparable.keys():
            raise ConfigError(
                f"{', '.join(hits)}: REST has nothing to compare it with. Take a last copy with the command "
                "legacy-archive."
            )
        found |= {name: move for name, move in hits.items() if name in comparable}
    return [*(found or comparable).values()]


def _run(names: tuple[str, ...], config: _ConfigInput, style: str, output: str | None, **flags: Any) -> None:
    with_values = bool(flags["values"])
    moves = chosen(names)
    if output is not None:
        _write("", output)  # a wrong name is told before anything is read
    tap = CompareTap(config=config.config, parse_env_config=config.parse_env)
    began = tap.account.client.clock.now()  # wrong settings are told here
    comparison = Comparison(tap, moves, with_values=with_values)
    comparison.run()
    tenant = tap.account.client.tenant
    header = Header(
        program=f"tap-infusionsoft {tap.plugin_version}",
        account=tenant.name if tenant is not None else "",
        began=began,
        ended=tap.account.client.clock.now(),
        with_values=with_values,
    )
    results = comparison.results
    _write(_FORMATS[style](document(results, header)), output)
    for one in results:
        reasons = f" ({'; '.join(one.reasons)})" if one.reasons else ""
        tap.logger.info("%s: %s%s.", one.move.table, one.verdict.value, reasons)
    code = _code(comparison)
    if code:
        click.get_current_context().exit(code)


def _code(comparison: Comparison) -> int:
    codes = {one.exit_code for one in comparison.failures.values()}
    if codes:
        is_all = len(comparison.failures) == len(comparison.results) and len(codes) == 1
        return codes.pop() if is_all else Exit.PARTIAL
    return DIFFERENCES if overall(comparison.results) is Verdict.DIFFERS else Exit.OK


def _write(text: str, output: str | None) -> None:
    """Write the report.

    Raises:
        ConfigError: The file cannot be written.
        OutputLostError: Stdout cannot.
    """
    if output is not None:
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"--output {output} cannot be written: {error.strerror}.") from None
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise OutputLostError(error) from None
