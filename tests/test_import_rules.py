"""Who may import whom. A forbidden arrow fails here, with the two modules named."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
PACKAGE = "pricing_fdm"

# Each layer may import itself and those before it; stages never import each other. What several
# stages need, such as running a foreign program, is machinery.
RULES = ("model", "errors", "order_request", "pricing", "shop")
ESTIMATE = ("estimate",)  # rules, too, but for `fitting`, which only development runs
MACHINERY = ("concurrency", "sandbox", "gcode_moves", "zip_archive")
STAGES = ("fetch", "mesh", "slicers", "gcode", "uploads", "plates")
FLOW = ("quoting", "health", "shop_changes")
TELEMETRY = ("telemetry",)  # what edges report to; it knows none of them
QUEUE = ("jobs",)  # a gateway's routes hand jobs to the queue, which knows no route
EDGES = ("web",)
WIRING = (
    *("settings", "shop_source", "shop_loading", "shared_stores", "engine_search"),
    *("assembly", "surroundings", "upkeep", "queue_mode", "app", "worker"),
)
COMMANDS = ("commands", "training")  # above the wiring: `cli` starts one, and it builds its own
ENTRY = ("cli", "__main__")
LAYERS = (
    *(RULES, ESTIMATE, MACHINERY, STAGES, FLOW, TELEMETRY, QUEUE, EDGES),
    *(WIRING, COMMANDS, ENTRY),
)


def imports() -> Iterator[tuple[str, str]]:
    """Every (importing module, imported module) of the package, also inside functions."""
    for path in sorted((SOURCE / PACKAGE).rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((module, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: imports are written out"
                yield module, node.module or ""
                if node.module == PACKAGE:
                    yield from ((module, f"{PACKAGE}.{alias.name}") for alias in node.names)


def part_of(module: str) -> str:
    """The second name of a module of ours: its package or, at the top, itself."""
    names = module.split(".")
    return names[1] if len(names) > 1 else "__init__"


def layer_of(part: str) -> int:
    """The layer's number, from the rules up."""
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


def test_every_module_stands_in_a_layer() -> None:
    """A new module at the top must say where it belongs."""
    known = {part for layer in LAYERS for part in layer} | {"__init__"}
    present = {
        path.stem
        for path in (SOURCE / PACKAGE).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert present <= known


def test_no_arrow_points_up_or_from_stage_to_stage() -> None:
    """The quote flows one way; the stages know nothing of each other."""
    forbidden = []
    for importer, imported in imports():
        if not imported.startswith(f"{PACKAGE}.") or imported == f"{PACKAGE}.__version__":
            continue
        upper, lower = part_of(importer), part_of(imported)
        crosses = upper != lower and upper in STAGES and lower in STAGES
        if crosses or layer_of(upper) < layer_of(lower):
            forbidden.append(f"{importer} imports {imported}")
    assert forbidden == []


def test_the_rules_use_the_standard_library_and_pydantic_only() -> None:
    """Pricing can be read, tested and trusted without anything that does I/O."""
    allowed = sys.stdlib_module_names | {PACKAGE, "pydantic", "iso4217"}
    foreign = [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if part_of(importer) in RULES and imported.split(".")[0] not in allowed
    ]
    assert foreign == []


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("httpx", {"fetch"}),
        ("httpcore", {"fetch"}),
        ("iso4217", {"shop"}),
        ("subprocess", {"sandbox", "slicers"}),
        ("numpy", {"mesh", "estimate", "training"}),
        ("sklearn", {"estimate"}),
        ("stl", {"mesh"}),
        ("cascadio", {"mesh"}),
        ("manifold3d", {"mesh", "training"}),
        ("starlette", {"web", "app"}),
        ("uvicorn", {"web"}),
        ("prometheus_client", {"telemetry"}),
        ("opentelemetry", {"telemetry"}),
        ("pydantic_settings", {"settings"}),
        ("dramatiq", {"jobs"}),
        ("redis", {"jobs"}),
        ("obstore", {"uploads"}),
        ("tomlkit", {"shop_changes"}),
        ("multipart", {"web"}),
        ("cachetools", {"quoting"}),
    ],
)
def test_each_library_has_its_door_a12(library: str, doors: set[str]) -> None:
    """A12: one outbound door, one place that starts processes, one that knows HTTP."""
    users = {
        part_of(importer) for importer, imported in imports() if imported.split(".")[0] == library
    }
    assert users <= doors


def test_only_settings_reads_the_environment() -> None:
    """A value read elsewhere is a setting that no table names."""
    readers = {
        str(path.relative_to(SOURCE / PACKAGE))
        for path in (SOURCE / PACKAGE).rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }
    assert readers == {"settings/load.py", "settings/port.py", "settings/terminal.py"}


@pytest.mark.parametrize(
    "arguments", [("--version",), ("health", "http://127.0.0.1:9"), ("health",)], ids=" ".join
)
def test_a_health_check_loads_no_library_of_ours(arguments: tuple[str, ...]) -> None:
    """It runs every few seconds beside the slicer; with all libraries it took 1.2 s of a core."""
    asked = f"import sys; from pricing_fdm.cli import main; main({list(arguments)!r})"
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", asked],
        env={"PRICING_FDM_PORT": "9"},
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in told.stderr.splitlines()}
    assert "argparse" in loaded
    assert loaded & {"pydantic", "numpy", "starlette", "asyncio", "structlog"} == set()


def test_the_service_and_the_worker_load_no_reader() -> None:
    """A model is parsed in a child only, and numpy costs 25 MB and a fifth of a second."""
    asked = "import sys, pricing_fdm.app, pricing_fdm.worker; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "stl", "manifold3d", "pricing_fdm.mesh.inspect"} & {*loaded.stdout.split()}


def test_no_quote_is_made_of_an_estimate_invariant_1() -> None:
    """What prices a quote or an order reaches nothing that predicts, over however many modules."""
    known = list(imports())
    modules = {module for module, _ in known}
    reached, new = (
        set[str](),
        {
            *(f"{PACKAGE}.quoting.{name}" for name in ("pipeline", "options", "without_support")),
            *(f"{PACKAGE}.quoting.{name}" for name in ("ordering", "shared_plates", "plates")),
            *(f"{PACKAGE}.{name}" for name in ("jobs.runner", "web.answers", "pricing.quote")),
        },
    )
    assert new <= modules
    while new:
        reached |= new
        new = {imported for importer, imported in known if importer in new} & modules - reached
    predicting = {each for each in modules if each.startswith(f"{PACKAGE}.estimate.")}
    predicting -= {f"{PACKAGE}.estimate.features"}  # the values that a child may be asked for
    assert predicting
    estimating = {
        f"{PACKAGE}.quoting.{name}"
        for name in ("estimating", "order_estimating", "estimate_prices", "estimate_models")
    }
    assert estimating <= modules
    assert reached & {*predicting, *estimating} == set()
    assert f"{PACKAGE}.slicers.engine" in reached
