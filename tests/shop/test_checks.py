"""What must agree between the tables, and what an owner probably did not mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from tests.shop.shops import small_shop

FINISH = '[[finishes]]\nid = "sanded"\nname = "Sanded"\nmaterials = ["pls"]\n'
SECOND_PRINTER = '[[printers]]\nid = "xl"\nname = "XL"\npreset = "machine.ini"\n[[qualities]]'
SPEED = '[[tariff.speeds]]\nid = "x"\nname = "X"\nfactor = "1.25"\n'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('mk3s = "standard.ini"', 'mk3 = "standard.ini"', "qualities[standard].presets.mk3: there"),
        ('"gold"', '"black"', "colours[black].id: there are two of the id black"),
        ("[tariff]", FINISH + "[tariff]", "finishes[sanded].materials[1]: pls is not known; did"),
        ("[tariff]", '[review]\nwarnings = ["thin"]\n[tariff]', "review.warnings[1]: thin is not"),
        ("[tariff]", '[tariff]\nmaterial_factors = { pl = "2" }', "factors.pl: there is no such"),
        ('"pla.ini"', '"pla2.ini"', "presets.mk3s: there is no file pla2.ini"),
        ('"pla.ini"', '"/etc/passwd"', "must be in the folder"),
        ('"pla.ini"', '"../pla.ini"', "must be in the folder"),
        (
            "[tariff]",
            '[customer]\nlogo = "l.svg"\n[tariff]',
            "customer.logo: there is no file",
        ),
        (
            "[tariff]",
            '[customer]\nlogo = "l.gif"\n[tariff]',
            "customer.logo: give a picture: .svg,",
        ),
        ("[tariff]", SPEED + SPEED + "[tariff]", "there are two of the id x"),
    ],
)
def test_what_contradicts_something_else_is_a_fault(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    """It would be found by the first customer who asks for it."""
    with pytest.raises(ShopError) as error:
        small_shop(tmp_path, (old, new))
    assert told in str(error.value)


def test_a_material_on_a_printer_without_a_quality_is_a_fault(tmp_path: Path) -> None:
    """Nobody could ever order it."""
    changes = (("[[qualities]]", SECOND_PRINTER), ('mk3s = "pla.ini"', 'xl = "pla.ini"'))
    with pytest.raises(ShopError, match="no quality is offered on these printers"):
        small_shop(tmp_path, *changes)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('hour = "3.20"', 'hour = "0"', "tariff.machine_rate_per_hour: is zero"),
        (
            '"machine.ini"',
            '"machine.ini"\nrate_per_hour = 0',
            "[mk3s].rate_per_hour: is zero",
        ),
        ('cost_per_kg = "20.00"', 'cost_per_g = "0.00"', "materials[pla].cost_per_g: is zero"),
        ('"3.20"\n', f'"3.20"\n{SPEED}', "tariff.speeds[x]: costs more and is never earlier"),
        ("[[qualities]]", SECOND_PRINTER, "printers[xl]: is never chosen"),
        ("[tariff]", "[lead_time]\nhours_per_day = 20\n[tariff]", 'only with model = "capacity"'),
    ],
)
def test_what_is_probably_not_meant_is_a_warning_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    """The shop works, and its owner is told."""
    (warning,) = small_shop(tmp_path, (old, new)).warnings
    assert told in str(warning)
    assert warning.line


def test_a_good_shop_is_not_warned_of(tmp_path: Path) -> None:
    """A warning that always comes is not read."""
    assert small_shop(tmp_path).warnings == ()
