"""Conditions of real PrusaSlicer presets are judged as PrusaSlicer judges them."""

from __future__ import annotations

import time

import pytest

from pricing_fdm.slicers.presets.conditions import ConditionError, holds

MK3S = {
    "printer_model": "MK3S",
    "printer_notes": r"Don't remove\nPRINTER_VENDOR_PRUSA3D\nPRINTER_MODEL_MK3\n",
    "nozzle_diameter": "0.4,0.6",
    "single_extruder_multi_material": "0",
    "layer_height": "0.2",
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("nozzle_diameter[0]==0.4", True),
        ("nozzle_diameter[0]==0.40", True),
        ("nozzle_diameter[1]==0.4", False),
        ("nozzle_diameter[0]!=0.8 ", True),
        ("nozzle_diameter[0]>=0.4 and nozzle_diameter[0]<0.6", True),
        ('printer_model=="MK3S"', True),
        ('printer_model=="MINI" and nozzle_diameter[0]!=0.8', False),
        ("printer_model=~/(MK3S|MK3).*/", True),
        ("printer_notes=~/.*PRINTER_MODEL_MK2.*/ and nozzle_diameter[0]==0.25", False),
        ("printer_notes=~/.*PRINTER_MODEL_MK3.*/ and num_extruders==2", True),
        ("printer_notes!~/.*PRINTER_VENDOR_TRILAB.*/", True),
        ("! single_extruder_multi_material", True),
        ("single_extruder_multi_material", False),
        ('!(printer_model=~/.*MK3.*/ or printer_model=="MINI")', False),
        ("nozzle_diameter[0]==0.8 or nozzle_diameter[0]==0.4 and layer_height<0.3", True),
        ("nozzle_diameter[0]==0.8 || not (layer_height > 0.25) && true", True),
        ("false or layer_height<=0.1", False),
    ],
)
def test_conditions_are_judged(condition: str, expected: bool) -> None:
    """The first nineteen forms cover every condition that PrusaSlicer's own bundles have."""
    assert holds(condition, MK3S) is expected


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("printer_flavour==1", "does not state printer_flavour"),
        ("nozzle_diameter[0]==", "ends too early"),
        ("(layer_height<1", "bracket is not closed"),
        ("layer_height<1 layer_height", "layer_height was not expected"),
        ("layer_height $ 1", "$ 1 was not expected"),
        ("printer_model<3", "MK3S is no number"),
        ('printer_model=~"MK3S"', "no pattern stands after =~"),
        ("printer_model=~/(/", "is no pattern"),
        ("== 1", "== was not expected"),
    ],
)
def test_what_cannot_be_judged_says_why(condition: str, reason: str) -> None:
    """It is never taken for true."""
    with pytest.raises(ConditionError) as caught:
        holds(condition, MK3S)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("printer_notes=~/(a+)+b/", "would take too long"),
        (r"printer_notes=~/(a)\1*b/", "would take too long"),
        ("printer_notes=~/" + ".*a" * 40 + "/", "would take too long"),
        ("(" * 2000, "nested too deeply"),
        ("! " * 2000, "nested too deeply"),
        ("! " * 1_000_000, "more than 4096 characters"),
    ],
    ids=["repeated group", "reference", "many stars", "brackets", "not", "long"],
)
def test_a_condition_that_would_never_be_judged_is_named(condition: str, told: str) -> None:
    """Presets are imported from files of strangers."""
    settings = {**MK3S, "printer_notes": "a" * 5000}
    began_s = time.thread_time()
    with pytest.raises(ConditionError, match=told):
        holds(condition, settings)
    assert time.thread_time() - began_s < 2
