"""Every command and snippet of the documents is run as a newcomer would run it.

People copied commands that had never been run as written: a target that broke the tap beside it, a selection
that selected nothing, a link that led nowhere. A new block fails the tests until they know how to run it.
What installs programs runs at night, in test_newcomer.py.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth.refreshing import Grant
from tap_infusionsoft.client.clock import SystemClock
from tap_infusionsoft.config.settings import read_settings
from tap_infusionsoft.login import authorize_url
from tests.consent import code_for
from tests.documents.blocks import ROOT, Block, blocks, inline_code, inline_commands
from tests.documents.blocks import block as block_of
from tests.documents.newcomer import Newcomer
from tests.documents.steps import CHECK, DISCOVER, LOAD, configure, load_twice, rows
from tests.documents.test_installed import AT_RELEASE
from tests.documents.test_newcomer import AT_NIGHT
from tests.target import Target
from tools import config_schema

BIN = Path(sys.executable).parent
CONFIG_FILES = jsonschema.Draft7Validator(config_schema.schema())


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """The account of the documents: nothing is set, except that calls need not be slow."""
    with Sandbox(contacts=60, switches={"limits": "off", "quota_headers": "blank"}) as sandbox:
        yield sandbox


@pytest.fixture
def newcomer(tmp_path: Path, box: Sandbox) -> Newcomer:
    replaced = {
        "http://127.0.0.1:8080": box.url,
        "https://api.infusionsoft.com": box.url,
        "KeapAK-…": box.api_key,
        "=… ": f"={box.api_key} ",
        ".venv/bin/": f"{BIN}/",
    }
    # What a configuration could say too. Without it, a run takes as long as Keap's limits want.
    env = {
        "TAP_INFUSIONSOFT_API_URL": box.url,
        "TAP_INFUSIONSOFT_REQUESTS_PER_SECOND": "1000",
        "TAP_INFUSIONSOFT_REQUESTS_PER_MINUTE": "1000000",
        "TAP_INFUSIONSOFT_REQUESTS_PER_HOUR": "1000000",
    }
    target = [Path(os.environ["TARGET_JSONL"]).parent] if "TARGET_JSONL" in os.environ else []
    return Newcomer(tmp_path, [BIN, *target], replaced, env)


def in_the_account(block: Block, newcomer: Newcomer) -> None:
    """Run a block whose commands only need an account."""
    newcomer.run(block.text)


def gets_tokens(block: Block, newcomer: Newcomer) -> None:
    newcomer.run(f"{{ {block.text} }} > token.json")
    assert json.loads((newcomer.folder / "token.json").read_text()).keys() >= {
        "access_token",
        "refresh_token",
    }


def is_a_step_of_a_load(block: Block, newcomer: Newcomer) -> None:  # noqa: ARG001
    """Load an account with the steps of docs/index.md, this block among them."""
    sample = ROOT / "sample_config.json"
    configure(newcomer, f"cp {sample} config.json\nchmod 600 config.json")
    load_twice(newcomer)


def loads_in_short(block: Block, newcomer: Newcomer) -> None:
    if "TARGET_JSONL" not in os.environ:
        pytest.skip("make test installs target-jsonl and names it")
    done = newcomer.run(block.text)
    assert "xx123" in done.stdout
    assert len(rows(newcomer.folder, "contacts")) == 60
    assert not rows(newcomer.folder, "tags")


def listens(block: Block, newcomer: Newcomer) -> None:
    """Start the sandbox as written, but on a free port, and compare its first line with the README's."""
    line = next(one for one in block.text.splitlines() if one.startswith("keap-sandbox"))
    words = shlex.split(line.replace("--port 8080", "--port 0"))
    said = block_of("sandbox/README.md", "listening on http://127.0.0.1:8080").text
    with subprocess.Popen([BIN / words[0], *words[1:]], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        first = server.stdout.readline()
        assert re.sub(r"\d+$", "8080", first, flags=re.MULTILINE) == said
        url = first.split()[-1]
        key = words[words.index("--api-key") + 1] if "--api-key" in words else "KeapAK-sandbox"
        newcomer.run(f"curl -H 'Authorization: Bearer {key}' '{url}/crm/rest/v2/contacts?page_size=1'")
        server.terminate()


def is_a_rule(block: Block, newcomer: Newcomer) -> None:
    """Add a fault rule to the sandbox, which refuses a wrong one."""
    newcomer.run(f"curl -d {shlex.quote(block.text)} http://127.0.0.1:8080/sandbox/faults")


def is_an_oauth_login(block: Block, newcomer: Newcomer) -> None:  # noqa: ARG001
    """Log in and discover as docs/account.md says, with the sandbox's application in the configuration."""
    text = block_of("docs/account.md", '"token_file":').text
    assert isinstance(read_settings(json.loads(text), SystemClock().now()).credential, Grant)
    url = newcomer.env["TAP_INFUSIONSOFT_API_URL"]
    newcomer.replaced = {
        "CLIENT_ID": "sandbox-client",
        "CLIENT_SECRET": "sandbox-secret",
        "/var/lib/tap-infusionsoft/": f"{newcomer.folder}/",
        "tap-infusionsoft-login --config config.json": "printf '%s' \"$CODE\" | "
        "tap-infusionsoft-login --config config.json --config ENV --code -",
    }
    (newcomer.folder / "config.json").write_text(newcomer.put_in(text))
    application = Grant("sandbox-client", "", "", newcomer.folder, json.loads(text)["redirect_uri"])
    newcomer.env = {**newcomer.env, "CODE": code_for(authorize_url(application, url, "any"))}
    login = block_of("docs/account.md", "tap-infusionsoft-login --config").text
    assert "xx123.infusionsoft.com" in newcomer.run(login).stdout
    newcomer.run("tap-infusionsoft --config config.json --config ENV --discover > catalog.json")
    assert json.loads((newcomer.folder / "catalog.json").read_text())["streams"]


def defines_queries(block: Block, newcomer: Newcomer) -> None:
    """Load all queries of a configuration. Ids that it names are in the account."""
    config = json.loads(block.text)
    assert config.keys() == {"queries"}
    url = newcomer.env["TAP_INFUSIONSOFT_API_URL"]
    for query in config["queries"]:
        rows = json.dumps({"upsert": [{"id": str(one)} for one in query.get("ids", ())]})
        kind = {"Company": "companies"}.get(query.get("table"), "contacts")
        newcomer.run(f"curl -d {shlex.quote(rows)} {url}/sandbox/records/{kind}")
    (newcomer.folder / "config.json").write_text(json.dumps(config | {"saved_searches": []}))
    newcomer.env = {**newcomer.env, "TAP_INFUSIONSOFT_API_KEY": "KeapAK-sandbox"}
    newcomer.run("tap-infusionsoft --config config.json --config ENV --discover > catalog.json")
    catalog = json.loads((newcomer.folder / "catalog.json").read_text())
    names = {query["name"] for query in config["queries"]}
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] in names]
    assert len(catalog["streams"]) == len(names)
    (newcomer.folder / "catalog.json").write_text(json.dumps(catalog))
    done = newcomer.run("tap-infusionsoft --config config.json --config ENV --catalog catalog.json")
    target = Target()
    target.take(done.stdout)
    for query in config["queries"]:
        if "ids" in query:
            assert len(target.rows(query["name"])) == len(query["ids"])


def selected(newcomer: Newcomer, catalog: str) -> set[str]:
    streams = json.loads((newcomer.folder / catalog).read_text())["streams"]
    return {
        one["tap_stream_id"]
        for one in streams
        for entry in one["metadata"]
        if not entry["breadcrumb"] and entry["metadata"]["selected"]
    }


def chooses_by_name(block: Block, newcomer: Newcomer) -> None:
    (newcomer.folder / "config.json").write_text(newcomer.put_in(block.text))
    newcomer.run("tap-infusionsoft --config config.json --config ENV --discover > catalog.json")
    chosen = selected(newcomer, "catalog.json")
    matching = {"opportunities", "opportunity_stages", "opportunity_stage_moves"}
    assert chosen == {"contacts", "contact_tags", *matching}


def chooses_in_the_catalog(block: Block, newcomer: Newcomer) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    key = {"api_key": "KeapAK-sandbox", "saved_searches": []}
    (newcomer.folder / "config.json").write_text(json.dumps(key))
    newcomer.run("tap-infusionsoft --config config.json --config ENV --discover > catalog.json")
    newcomer.run(block.text)
    assert selected(newcomer, "chosen.json") == {"contacts", "contact_tags", "orders"}


def runs_in_python(block: Block, newcomer: Newcomer) -> None:
    (newcomer.folder / "example.py").write_text(block.text)
    newcomer.run("python example.py")


def is_a_fixture(block: Block, newcomer: Newcomer) -> None:
    use = "\n\ndef test_it(keap):\n    assert len(keap.records('contacts')) == 200\n"
    (newcomer.folder / "test_example.py").write_text(block.text + use)
    newcomer.run("python -m pytest -p no:cacheprovider test_example.py")


def plants_a_value(block: Block, newcomer: Newcomer) -> None:
    """Follow CONTRIBUTING.md to see what the tap makes of a value, and compare the log with what it shows."""
    started = block.text.replace("--port 8080", "--port 0 --set 'limits=off quota_headers=blank'")
    started = started.replace("50 &", "50 > listening &")
    # The sandbox tells its address through a pipe, which is also when it is listening.
    started = started.replace("# when it is listening:", "read -r _ _ url < listening")
    newcomer.replaced = {
        "http://127.0.0.1:8080": "$url",
        "/tmp/": f"{newcomer.folder}/",  # noqa: S108
        ".venv/bin/": f"{BIN}/",
    }
    newcomer.env = {name: one for name, one in newcomer.env.items() if name != "TAP_INFUSIONSOFT_API_URL"}
    done = newcomer.run(f"mkfifo listening\n{started}")
    records = [json.loads(line) for line in (newcomer.folder / "records.jsonl").read_text().splitlines()]
    (planted,) = [one["record"] for one in records if one["type"] == "RECORD" and one["record"]["id"] == "22"]
    assert planted["given_name"] == "Ann"
    shown = block_of("CONTRIBUTING.md", "WARNING  contacts: removed").text.strip()
    assert re.sub(r" \| \S+ +\| ", "  ", done.stderr).count(shown.split(maxsplit=1)[1]) == 1


def is_a_script(block: Block, newcomer: Newcomer) -> None:
    """Check the grammar and the names: findings install packages that are known to be wrong."""
    newcomer.run(f"bash -n <<'END'\n{block.text}END")
    for name in re.findall(r"^\S+\.sh", block.text, re.MULTILINE):
        assert os.access(ROOT / name, os.X_OK)


def is_compared(block: Block, newcomer: Newcomer) -> None:
    """Do nothing: another test compares the block with what a program prints, or with the code."""


Way = Callable[[Block, Newcomer], None]
WAYS: list[tuple[str, str, Way]] = [
    (*DISCOVER, is_a_step_of_a_load),
    (*LOAD, is_compared),  # runs with the block before it
    (*CHECK, is_compared),  # runs with the same block
    ("README.md", "export TAP_INFUSIONSOFT_API_KEY", loads_in_short),
    ("docs/account.md", '{"api_key"', is_compared),  # with the sample that is copied
    ("docs/account.md", '"token_file":', is_an_oauth_login),
    ("docs/account.md", "tap-infusionsoft-login --config", is_compared),  # runs with the block before it
    ("docs/runs.md", "This check made", is_compared),  # test_docs.py runs both again, at night
    ("docs/runs.md", "Left of the day's", is_compared),
    ("docs/choosing.md", '"streams": [', chooses_by_name),
    ("docs/choosing.md", "jq '.streams[]", chooses_in_the_catalog),
    ("docs/classic.md", '{"queries": [', defines_queries),
    # tests/dbt/test_own_project.py follows the page, as part of make dbt.
    ("docs/dbt.md", "pip install 'dbt-core", is_compared),
    ("docs/dbt.md", "packages:", is_compared),
    ("docs/dbt.md", "vars:", is_compared),
    ("docs/dbt.md", "dbt deps", is_compared),
    ("docs/dbt.md", "select owner_id", is_compared),
    ("docs/developers.md", "keap-sandbox --port 8080", listens),
    ("docs/developers.md", '"blank_body"', in_the_account),
    ("docs/install.md", '"$schema"', is_compared),  # with the schema itself
    ("docs/duckdb.md", "pip install '.[dlt]'", is_compared),  # tests/bridge run the blocks of this page
    ("docs/duckdb.md", "python -m tap_infusionsoft.dlt --config", is_compared),
    ("docs/duckdb.md", "from tap_infusionsoft.dlt import load", is_compared),
    ("docs/duckdb.md", "SELECT * EXCLUDE (_number)", is_compared),
    ("docs/install.md", "_COMPLETE=bash_source", is_compared),  # test_completion.py presses Tab
    ("docs/install.md", "_COMPLETE=zsh_source", is_compared),
    ("docs/install.md", "_COMPLETE=fish_source", is_compared),
    ("docs/queries.md", '"name": "chandler"', defines_queries),
    ("docs/queries.md", '"name": "ogden"', defines_queries),
    ("CONTRIBUTING.md", "+NOTE_TEMPLATES = Collection(", is_compared),
    ("CONTRIBUTING.md", "WARNING  contacts: removed", is_compared),
    ("CONTRIBUTING.md", ".venv/bin/keap-sandbox", plants_a_value),
    ("sandbox/README.md", "keap-sandbox --port 8080", listens),
    ("sandbox/README.md", "listening on", is_compared),
    ("sandbox/README.md", "/crm/rest/v2/contacts?page_size=2'", in_the_account),
    ("sandbox/README.md", "sandbox-client:sandbox-secret", gets_tokens),
    ("sandbox/README.md", "/sandbox/requests?path=contacts", in_the_account),
    ("sandbox/README.md", "/sandbox/records/report_rows", in_the_account),
    ("sandbox/README.md", '"upsert": [{"id": "8", "given_name": "Ada"}], "delete"', in_the_account),
    ("sandbox/README.md", "DELETE http://127.0.0.1:8080/sandbox/faults", in_the_account),
    ("sandbox/README.md", '"page_rows_max": 50', in_the_account),
    ("sandbox/README.md", "/sandbox/clock", in_the_account),
    ("sandbox/README.md", "/sandbox/quota", in_the_account),
    ("sandbox/README.md", "/sandbox/oauth", in_the_account),
    ("sandbox/README.md", "/sandbox/reset", in_the_account),
    ("sandbox/README.md", '{"match":', is_a_rule),
    ("sandbox/README.md", "import xmlrpc.client", runs_in_python),
    ("sandbox/README.md", "import urllib.request", runs_in_python),
    ("sandbox/README.md", "@pytest.fixture", is_a_fixture),
    ("findings/README.md", "findings/", is_a_script),
]


def test_every_block_is_run() -> None:
    """Name how a new block is run in `WAYS`, or in test_newcomer.py if it installs programs."""
    named = [block_of(document, part) for document, part, _ in WAYS]
    named += [block_of(document, part) for document, part in (*AT_NIGHT, *AT_RELEASE)]
    unknown = [one for one in blocks() if one not in named]
    assert not unknown, "say in WAYS how to run these"
    assert len(named) == len(blocks())


@pytest.mark.parametrize(
    ("document", "part", "way"), WAYS, ids=lambda one: getattr(one, "__name__", str(one)[:40])
)
def test_a_block_works_as_written(document: str, part: str, way: Way, newcomer: Newcomer) -> None:
    if (
        "target-jsonl" in block_of(*LOAD).text
        and way is is_a_step_of_a_load
        and "TARGET_JSONL" not in os.environ
    ):
        pytest.skip("make test installs target-jsonl and names it")
    if "jq " in block_of(document, part).text and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    way(block_of(document, part), newcomer)


COMMANDS = {
    r"make (?P<arguments>[a-z-]+( (BENCH|WORLD|WAREHOUSE)=.*)?)": "make --dry-run {arguments}",
    r"TAP_INFUSIONSOFT_API_KEY=… tap-infusionsoft --config ENV": "{} --discover",
    r"(tap-infusionsoft|keap-sandbox) --(about|help)": "{}",
    r"tap-infusionsoft --test": "TAP_INFUSIONSOFT_API_KEY=KeapAK-sandbox {} --config ENV",
    r"export PGTZ=UTC": "{}; test $(date +%Z) = $(TZ=$PGTZ date +%Z)",
    r'python -c "import singer_sdk"': "{}",
    r"python -m tests.benchmarks.week": "{} --help",
    # test_docs.py runs these at night.
    r"python -m (?P<module>tools\.(nights|example_run))": 'python -c "import {module}"',
    r"\.venv/bin/pytest (?P<paths>[\w/ .]+)": "ls {paths}",
}
"""Commands within sentences -> how they are run."""
AT_NIGHT_COMMANDS = {
    "pip install ./sandbox",
    "pipx install .",
    "meltano run --refresh-catalog tap-infusionsoft target-postgres",
    "meltano run tap-infusionsoft target-jsonl",
    "meltano run tap-infusionsoft target-postgres",
    "test -s new-state.json && tail -n 1 new-state.json > state.json",
}
"""Commands that the steps of test_newcomer.py include."""
WORDS = {"meltano select", "meltano invoke --dump=config", "meltano run --force"}
"""Names of commands, without the arguments that they need."""


@pytest.mark.parametrize("command", sorted({*inline_commands()} - AT_NIGHT_COMMANDS - WORDS))
def test_a_command_in_a_sentence_works(command: str, newcomer: Newcomer) -> None:
    found = [(match, how) for one, how in COMMANDS.items() if (match := re.fullmatch(one, command))]
    assert len(found) == 1, f"say in COMMANDS how to run {command!r}, or in AT_NIGHT_COMMANDS where it runs"
    ((match, how),) = found
    newcomer.run(f"cd {ROOT}; " + how.format(command, **match.groupdict()))


def test_make_help_lists_every_target(newcomer: Newcomer) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    listed = re.findall(r"^  make (\S+) +\S", newcomer.run(f"make -C {ROOT} help").stdout, re.MULTILINE)
    assert sorted(listed) == sorted(phony[1].split())
    for target in listed:
        newcomer.run(f"make -C {ROOT} --dry-run {target}")


def test_json_in_sentences_is_json() -> None:
    found = {
        text
        for _, text in inline_code()
        if text.startswith(('{"', '"')) and text.endswith(("}", '"', "e", "1"))
    }
    for text in found:
        json.loads(text if text.startswith("{") or ": " not in text else f"{{{text}}}")
    assert {"emails": {"lookback_hours": 720}} in [json.loads(one) for one in found if one.startswith("{")]


def test_editors_find_nothing_wrong_with_the_sample_and_the_examples() -> None:
    named = [
        json.loads(one.text.replace("…", "1"))
        for one in blocks()
        if one.language == "json" and one.document != "sandbox/README.md"
    ]
    named.append(json.loads((ROOT / "sample_config.json").read_text(encoding="utf-8")))
    assert len(named) > 3
    for one in named:
        CONFIG_FILES.validate(one)
