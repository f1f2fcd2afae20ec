"""The contract of who may import whom notices a planted import in each direction, and a planted circle."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path

import grimp
import pytest
from importlinter.configuration import configure
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

configure()  # the contracts need import-linter's timer

ROOT = Path(__file__).parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
TYPES: dict[str, type[Contract]] = {
    "layers": LayersContract,
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
}


def _as_text(options: dict[str, object]) -> dict[str, object]:
    """The options with booleans as text, as import-linter reads them from a file."""
    return {name: str(value) if isinstance(value, bool) else value for name, value in options.items()}


CONTRACTS = {
    options["id"]: TYPES[options["type"]](options["name"], CONFIG, _as_text(options))
    for options in CONFIG["contracts"]
}
_LAYERS = [room.strip() for layer in CONFIG["contracts"][0]["layers"] for room in layer.split("|")]
ROOMS = [
    room.strip("()")
    for room in _LAYERS
    if not room.startswith("(") or (ROOT / "tap_infusionsoft" / room.strip("()")).is_dir()
]
"""The rooms that there are. One in parentheses may be missing."""


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """The imports of both packages, those for annotations included."""
    return grimp.build_graph(
        *CONFIG["root_packages"], include_external_packages=CONFIG["include_external_packages"]
    )


def broken(imports: grimp.ImportGraph, *planted: tuple[str, str]) -> set[str]:
    """The contracts that are broken once the planted imports, (importer, imported), are there."""
    graph = copy.deepcopy(imports)
    for importer, imported in planted:
        graph.add_import(importer=importer, imported=imported)
    return {name for name, contract in CONTRACTS.items() if not contract.check(graph, verbose=False).kept}


def module_in(imports: grimp.ImportGraph, room: str) -> str:
    """A module of a room."""
    name = f"tap_infusionsoft.{room}"
    return max(one for one in {name, *imports.find_descendants(name)} if ".tests" not in one)


def test_every_contract_holds(imports: grimp.ImportGraph) -> None:
    assert broken(imports) == set()


def test_every_module_of_the_tap_is_in_a_room(imports: grimp.ImportGraph) -> None:
    assert {name.removeprefix("tap_infusionsoft.") for name in imports.find_children("tap_infusionsoft")} == {
        *ROOMS
    }


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "__main__"])
def test_no_room_may_import_one_above_it(imports: grimp.ImportGraph, room: str) -> None:
    above = ROOMS[: ROOMS.index(room)]
    lower = module_in(imports, room)
    for other in above:
        assert "rooms" in broken(imports, (lower, module_in(imports, other))), f"{room} -> {other}"


@pytest.mark.parametrize(("importer", "imported"), [("streams", "client"), ("client", "streams")])
def test_declarations_and_the_client_do_not_know_each_other(
    imports: grimp.ImportGraph, importer: str, imported: str
) -> None:
    assert "rooms" in broken(imports, (module_in(imports, importer), module_in(imports, imported)))


@pytest.mark.parametrize("room", ["client", "streams", "reading", "state", "records", "queries", "discovery"])
def test_only_the_edges_may_import_the_singer_sdk(imports: grimp.ImportGraph, room: str) -> None:
    assert broken(imports, (module_in(imports, room), "singer_sdk")) == {"sdk"}


@pytest.mark.parametrize(
    "planted",
    [
        ("tap_infusionsoft.tap", "keap_sandbox.server"),
        ("keap_sandbox.server", "tap_infusionsoft.client.client"),
    ],
)
def test_the_tap_and_the_sandbox_may_not_import_each_other(
    imports: grimp.ImportGraph, planted: tuple[str, str]
) -> None:
    assert "sandbox" in broken(imports, planted)


@pytest.mark.parametrize(
    "planted",
    [
        ("tap_infusionsoft.client.call", "tap_infusionsoft.client.client"),
        ("tap_infusionsoft.reading.requests", "tap_infusionsoft.reading.reader"),
        ("tap_infusionsoft.reading.walks.walk", "tap_infusionsoft.reading.walks.by_id"),
    ],
)
def test_a_circle_within_a_room_is_noticed(imports: grimp.ImportGraph, planted: tuple[str, str]) -> None:
    assert broken(imports, planted) == {"circles"}


def test_a_circle_in_the_sandbox_is_noticed(imports: grimp.ImportGraph) -> None:
    modules = [name for name in imports.modules if name.startswith("keap_sandbox.")]
    importer, imported = next(
        (one, other)
        for one in sorted(modules)
        for other in sorted(imports.find_modules_directly_imported_by(one))
        if other in modules
    )
    assert "circles" in broken(imports, (imported, importer))
