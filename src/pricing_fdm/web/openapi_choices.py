"""Writes what a shop offers into the schemas of requests, which know only the kinds of values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from pricing_fdm.model import AUTO_PRINTER
from pricing_fdm.shop.catalogue import Bounds, Override, Shop

Schema: TypeAlias = dict[str, Any]

_UM_PER_MM = 1000


def state_choices(schemas: dict[str, Schema], shop: Shop) -> None:
    """Changes the schemas of all requests that hold an order, or a part of one."""
    choices = _choices(shop)
    for schema in schemas.values():
        fields = schema.get("properties", {})
        if fields.keys() & _OF_ORDERS:
            for name in fields.keys() & choices.keys():
                about = {key: fields[name][key] for key in _KEPT if key in fields[name]}
                more = choices[name].get("description", "")
                fields[name] = choices[name] | about
                if more:
                    fields[name]["description"] += f" {more}"


_OF_ORDERS = {"rush", "units"}  # answers say nothing of them
_KEPT = ("description", "default", "title")


def _choices(shop: Shop) -> dict[str, Schema]:
    thicknesses = list(dict.fromkeys(each.layer_thickness for each in shop.qualities))
    return {
        "material": _one_of(each.id for each in shop.materials),
        "quality": _one_of(each.id for each in shop.qualities),
        "layer_thickness": {"type": "integer", "enum": thicknesses},
        "layer_height": _in_words(each / _UM_PER_MM for each in thicknesses),
        "printer": _one_of([AUTO_PRINTER, *(each.id for each in shop.printers)]),
        "colour": _one_of(each.id for material in shop.materials for each in material.colours),
        "finishes": {
            "type": "array",
            "items": _one_of(each.id for each in shop.finishes),
            "uniqueItems": True,
            "maxItems": len(shop.finishes),
        },
        "speed": _one_of(each.id for each in shop.tariff.speeds),
        "overrides": {
            "type": "object",
            "properties": {name: _limits(each) for name, each in shop.overrides.items()},
            "additionalProperties": False,
        },
    }


def _one_of(ids: Iterable[str]) -> Schema:
    """One of these; where there are none the field may not be there."""
    choices = list(dict.fromkeys(ids))
    return {"type": "string", "enum": choices} if choices else {"not": {}}


def _in_words(numbers: Iterable[float]) -> Schema:
    """Generators of clients know no enum of fractions."""
    one_of = ", ".join(f"{number:g}" for number in numbers)
    return {"type": "number", "description": f"One of {one_of}."}


def _limits(allowed: Override) -> Schema:
    if isinstance(allowed, Bounds):
        return {"type": "number", "minimum": allowed.min, "maximum": allowed.max}
    return {"type": "string", "enum": list(allowed)}
