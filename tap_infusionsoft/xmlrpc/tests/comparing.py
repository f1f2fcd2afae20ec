"""What tests of the comparison need: tables that are compared, with changes of answers on their way."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.xmlrpc.calls import XmlRpcCall
from tap_infusionsoft.xmlrpc.compare.command import chosen
from tap_infusionsoft.xmlrpc.compare.reading import CompareTap, Comparison
from tap_infusionsoft.xmlrpc.compare.results import TableResult, Verdict
from tests.fixtures import Around, Run, settle

Send = Callable[[Call], Answer]
Change = Callable[[Call, Send], Answer]
Row = dict[str, Any]

GOOD = {Verdict.EQUAL, Verdict.EQUAL_BUT}
"""The verdicts of tables that are proved to be the same."""


def compared(
    run: Run, *names: str, change: Change | None = None, values: bool = False, **settings: Any
) -> dict[str, TableResult]:
    """Compare tables; ``change`` may change answers on their way."""
    tap = CompareTap(config=run.config(**settings), clock=run.clock, rng=random.Random(1))
    if change is not None:
        client = tap.account.client
        client.transport = Around(client.transport, change)
    comparison = Comparison(tap, chosen(names), with_values=values)
    comparison.run()
    settle()
    return {one.move.table: one for one in comparison.results}


def in_rest(path: str, items: str, alter: Callable[[list[Row]], list[Row]]) -> Change:
    """A change of the rows of a list of REST."""

    def change(call: Call, send: Send) -> Answer:
        answer = send(call)
        if call.path != path:
            return answer
        document = json.loads(answer.body)
        document[items] = alter(document[items])
        return Answer(200, answer.headers, json.dumps(document).encode())

    return change


def in_table(table: str, alter: Callable[[str], str]) -> Change:
    """A change of the XML of a table."""

    def change(call: Call, send: Send) -> Answer:
        answer = send(call)
        if not isinstance(call, XmlRpcCall) or not call.arguments or call.arguments[0] != table:
            return answer
        return Answer(200, answer.headers, alter(answer.body.decode()).encode())

    return change


def each(alter: Callable[[Row], Row | None], ident: str) -> Callable[[list[Row]], list[Row]]:
    """A change of the row with an id; None removes it."""

    def change(rows: list[Row]) -> list[Row]:
        changed = [alter(dict(row)) if row["id"] == ident else row for row in rows]
        return [row for row in changed if row is not None]

    return change


def of(run: Run, collection: str, number: int = 3) -> Row:
    """A row of the sandbox."""
    row: Row = run.box.records(collection)[number]
    return row
