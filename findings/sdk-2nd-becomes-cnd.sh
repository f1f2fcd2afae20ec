#!/usr/bin/env bash
# The column 2nd_email is called cnd_email.
#
# singer-sdk 0.54.9, shown with a target of nine lines on SQLite.
#
# Guess: SQL targets that cannot have a column named "2nd_email" call it "_2nd_email", or refuse it.
# Seen: the column is called "cnd_email". "1st_touch" becomes "bst_touch", "3rd_party" becomes "drd_party",
#   exit code 0.
# Why: the SDK swaps a digit at the beginning of a name for a letter: 0 is a, 1 is b, 2 is c.
# Matters: nobody who looks for the second e-mail address finds it, and a rename from "2nd" to "second" in the
#   source looks like a new column next to an unrelated one. Alias such columns in a stream map.
. "$(dirname "$0")/common.sh"
python_with singer-sdk==0.54.9

cat > target.py <<'END'
from singer_sdk.sql import SQLConnector, SQLSink, SQLTarget


class Sink(SQLSink):
    class connector_class(SQLConnector):
        def get_sqlalchemy_url(self, config):
            return "sqlite:///warehouse.db"


class Target(SQLTarget):
    name, config_jsonschema, default_sink_class = "target-demo", {"properties": {}}, Sink


Target.cli()
END
cat > lines.py <<'END'
import json

contact = {"id": "1", "1st_touch": "web", "2nd_email": "ann@example.com", "3rd_party": "no"}
schema = {"type": "object", "properties": {name: {"type": "string"} for name in contact}}
print(json.dumps({"type": "SCHEMA", "stream": "contacts", "key_properties": ["id"], "schema": schema}))
print(json.dumps({"type": "RECORD", "stream": "contacts", "record": contact}))
END
env/bin/python lines.py | env/bin/python target.py > /dev/null 2> target.log && code=0 || code=$?
cat > look.py <<'END'
import sqlite3

names = [row[1] for row in sqlite3.connect("warehouse.db").execute("PRAGMA table_info(contacts)")]
print(*(name for name in names if not name.startswith("_sdc")))
END
same "exit code and columns" "0 id bst_touch cnd_email drd_party" "$code $(env/bin/python look.py)"
