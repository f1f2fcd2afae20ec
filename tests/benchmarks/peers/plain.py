"""The plain loop: decode each page, and write its rows as Singer RECORD lines. Argument: the server's URL."""

import sys

import orjson
import requests


def main() -> None:
    """Read all contacts."""
    session, token, out = requests.Session(), "", sys.stdout.buffer
    while True:
        response = session.get(
            f"{sys.argv[1]}/crm/rest/v2/contacts",
            params={"page_size": "1000", "page_token": token},
            timeout=60,
        )
        response.raise_for_status()
        document = orjson.loads(response.content)
        for row in document["contacts"]:
            out.write(orjson.dumps({"type": "RECORD", "stream": "contacts", "record": row}))
            out.write(b"\n")
        token = document["next_page_token"]
        if not token:
            return


main()
