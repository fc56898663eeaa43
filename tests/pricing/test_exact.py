"""No figure and no price follows what a library does to `decimal`."""

from __future__ import annotations

import ast
import decimal
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.pricing.exact import rounded
from tests.harness.puppet import install_fake_prusa
from tests.harness.shapes import binary_stl, table

SOURCE = Path(__file__).parents[2] / "src"

# Runs the command as a program whose libraries left one digit to all, rounded up. With the traps
# a sum that would be rounded fails at once, wherever it stands.
HOSTILE = """
import decimal, runpy
defaults = decimal.DefaultContext
defaults.prec, defaults.rounding = 1, decimal.ROUND_UP
for signal in (decimal.Inexact, decimal.Rounded, decimal.FloatOperation):
    defaults.traps[signal] = True
decimal.setcontext(decimal.Context())
runpy.run_module("pricing_fdm", run_name="__main__", alter_sys=True)
"""


def quoted(python: list[str], folder: Path, *options: str, price_model: str) -> str:
    part = folder / "part.stl"
    part.write_bytes(binary_stl(table()))
    order = ["--rush", "--quantity", "3", "--orientation", "keep"]
    result = subprocess.run(
        [sys.executable, *python, "quote", part, *order, *options],
        env={
            "PATH": os.environ["PATH"],
            "SLICER": "prusa",
            "PRUSA_BINARY": str(install_fake_prusa(folder / "bin")),
            "PRICE_MODEL": price_model,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def figures(answer: str) -> dict[str, Any]:
    """All of a quote that is the same each time."""
    body: dict[str, Any] = json.loads(answer)
    return {key: body[key] for key in body.keys() - {"quote_id", "timing_ms"}}


@pytest.mark.parametrize("price_model", ["adr010", "hourly"])
def test_a_quote_is_the_same_under_another_decimal_context(
    tmp_path: Path, price_model: str
) -> None:
    """From the profiles to the answer: everything that this program computes for a quote."""
    usual = quoted(["-m", "pricing_fdm"], tmp_path, "--json", price_model=price_model)
    hostile = quoted(["-c", HOSTILE], tmp_path, "--json", price_model=price_model)
    assert figures(hostile) == figures(usual)


def test_the_table_on_a_terminal_is_the_same_too(tmp_path: Path) -> None:
    """Formatting a number rounds it as well."""
    usual = quoted(["-m", "pricing_fdm"], tmp_path, price_model="adr010")
    assert quoted(["-c", HOSTILE], tmp_path, price_model="adr010") == usual


def test_a_half_goes_to_the_even_neighbour_whatever_the_thread_says() -> None:
    """Three digits would refuse 1234.565."""
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_UP)):
        assert str(rounded(Decimal("1234.565"), "0.01")) == "1234.56"
        assert str(rounded(Decimal("1234.575"), "0.01")) == "1234.58"


def test_no_rounding_is_left_to_the_thread() -> None:
    """A `quantize` without a context takes the thread's, also where no quote above comes by."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                named = {each.arg for each in node.keywords}
                where = f"{path.relative_to(SOURCE)}:{node.lineno}"
                assert node.func.attr != "quantize" or "context" in named, where
