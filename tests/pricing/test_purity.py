"""The rules of money: no float, no foreign package, nothing that reads or writes."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from pricing_fdm import pricing

FOLDER = Path(pricing.__path__[0])
MODULES = sorted(FOLDER.glob("*.py"))
OURS = {
    "pricing_fdm.model",
    "pricing_fdm.errors",
    "pricing_fdm.shop.catalogue",
    "pricing_fdm.shop.tariff",
}
# Of the standard library only what computes; `decimal` is the one way to hold an amount.
COMPUTES = {
    "__future__",
    "collections.abc",
    "dataclasses",
    "datetime",
    "fractions",
    "decimal",
    "enum",
    "heapq",
    "math",
    "types",
    "typing",
    "zoneinfo",
}


def test_there_is_something_to_check() -> None:
    """An empty folder would pass everything below."""
    assert len(MODULES) >= 4


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in MODULES])
def test_no_float_touches_a_price(path: Path) -> None:
    """K3: Neither as a literal nor by conversion; 0.1 + 0.2 is not 0.3 in binary."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float | complex), f"line {node.lineno}"
        assert not (isinstance(node, ast.Name) and node.id == "float")


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in MODULES])
def test_it_imports_nothing_but_rules(path: Path) -> None:
    """So a price can be computed and tested without a service around it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, ast.Import) or {n.name for n in node.names} <= COMPUTES
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert node.level == 0
            assert module in COMPUTES | OURS or module.startswith("pricing_fdm.pricing.")


def test_the_allowed_modules_are_the_standard_library_s() -> None:
    """A third-party package cannot slip into the list above unseen."""
    assert {name.partition(".")[0] for name in COMPUTES} <= sys.stdlib_module_names
