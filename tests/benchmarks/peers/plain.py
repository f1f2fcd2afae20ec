"""The plain loop: decode a page, write each record as a Singer RECORD line, one after another. Argument: the server."""

import sys

import orjson
import requests


def main() -> None:
    """Read all contacts."""
    session, token, out = requests.Session(), "", sys.stdout.buffer
    while True:
        answer = session.get(
            f"{sys.argv[1]}/crm/rest/v2/contacts",
            params={"page_size": "1000", "page_token": token},
            timeout=60,
        )
        answer.raise_for_status()
        document = orjson.loads(answer.content)
        for row in document["contacts"]:
            out.write(orjson.dumps({"type": "RECORD", "stream": "contacts", "record": row}))
            out.write(b"\n")
        token = document["next_page_token"]
        if not token:
            return


main()
