"""Whether a shop offers what a request asks for; if not, what it does offer.

A value of the caller is never repeated in a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from pricing_fdm.errors import FieldFault, InvalidRequest
from pricing_fdm.model import AUTO_PRINTER
from pricing_fdm.shop.catalogue import Bounds, Material, Override, Quality, Shop

_INFILL_PATTERN, _SOLID_PERCENT = "sparse_infill_pattern", 100

Wanted: TypeAlias = Mapping[str, Any]
"""The valid fields of a request, by name; those that are not valid are missing."""


def offer_fault(name: str, value: object, wanted: Wanted, shop: Shop) -> str | None:
    """What is wrong with one field, given those before it; None if it is offered."""
    check = _CHECKS.get(name)
    return check(value, wanted, shop) if check else None


def chosen_quality(wanted: Wanted, shop: Shop) -> Quality | None:
    """The quality that a request names, by its id or by its layer thickness."""
    name, thickness = wanted.get("quality"), wanted.get("layer_thickness")
    return next(
        (
            each
            for each in shop.qualities
            if (each.id == name if name is not None else each.layer_thickness == thickness)
        ),
        None,
    )


def require_size(
    names: Iterable[str], dimensions_mm: tuple[float, float, float], shop: Shop
) -> None:
    """Refuses finishes that the part is too large for; it may be turned.

    Raises:
        InvalidRequest: There is one.
    """
    for finish in shop.finishes:
        if finish.id in names and finish.max_dimensions_mm is not None:
            most = sorted(finish.max_dimensions_mm)
            if any(mm > limit for mm, limit in zip(sorted(dimensions_mm), most, strict=True)):
                size = " x ".join(f"{limit:f}" for limit in finish.max_dimensions_mm)
                fault = FieldFault("finishes", f"{finish.id} is for parts of up to {size} mm")
                raise InvalidRequest("Wrong or missing: finishes.", (fault,))


def one_of(values: Iterable[object]) -> str:
    """The sentence that pydantic has for an enum."""
    *others, last = map(repr, dict.fromkeys(values))
    return f"Input should be {', '.join(others)} or {last}" if others else f"Input should be {last}"


def _material(value: object, _wanted: Wanted, shop: Shop) -> str | None:
    return _among(value, (each.id for each in shop.materials))


def _quality(value: object, _wanted: Wanted, shop: Shop) -> str | None:
    return None if value is None else _among(value, (each.id for each in shop.qualities))


def _layer_thickness(value: object, wanted: Wanted, shop: Shop) -> str | None:
    if value is None:
        return None
    if wanted.get("quality") is not None:
        return "give this or quality, not both"
    return _among(value, (each.layer_thickness for each in shop.qualities))


def _printer(value: object, wanted: Wanted, shop: Shop) -> str | None:
    material, quality = _found_material(wanted, shop), chosen_quality(wanted, shop)
    if material is None or quality is None:
        return _among(value, (AUTO_PRINTER, *(each.id for each in shop.printers)))
    fitting = [
        each.id
        for each in shop.printers
        if each.id in material.presets and each.id in quality.presets
    ]
    if not fitting:
        ours = material.presets.keys()
        offered = [each.id for each in shop.qualities if ours & each.presets.keys()]
        return (
            f"no printer has this material in this quality; it is offered in {', '.join(offered)}"
        )
    return _among(value, (AUTO_PRINTER, *fitting))


def _colour(value: object, wanted: Wanted, shop: Shop) -> str | None:
    material = _found_material(wanted, shop)
    if value is None or material is None:
        return None
    if not material.colours:
        return "this material has no choice of colours"
    return _among(value, (each.id for each in material.colours))


def _finishes(value: object, wanted: Wanted, shop: Shop) -> str | None:
    names = list(value) if isinstance(value, list | tuple) else []
    if len(set(names)) < len(names):
        return "there is a finish twice"
    material = wanted.get("material")
    offered = [
        each.id for each in shop.finishes if each.materials is None or material in each.materials
    ]
    if names and not offered:
        return "there are no finishes for this material"
    return next((fault for name in names if (fault := _among(name, offered))), None)


def _speed(value: object, _wanted: Wanted, shop: Shop) -> str | None:
    speeds = [each.id for each in shop.tariff.speeds]
    if value is None:
        return None
    return _among(value, speeds) if speeds else "there is no faster delivery"


def _rush(value: object, wanted: Wanted, shop: Shop) -> str | None:
    if value is not True:
        return None
    first = next((each.id for each in shop.tariff.speeds), None)
    if first is None:
        return "there is no faster delivery"
    if wanted.get("speed") not in (None, first):
        return "contradicts the speed"
    return None


def _overrides(value: object, wanted: Wanted, shop: Shop) -> str | None:
    for name, setting in value.items() if isinstance(value, Mapping) else ():
        if name not in shop.overrides:
            known = ", ".join(shop.overrides)
            return f"only these can be changed: {known}" if known else "no setting can be changed"
        if not _is_within(setting, shop.overrides[name]):
            return f"{name} must be {_limits(shop.overrides[name])}"
        if name == _INFILL_PATTERN and wanted.get("infill") == _SOLID_PERCENT:
            return f"{name} has no choice at an infill of {_SOLID_PERCENT}: it is rectilinear"
    return None


def _is_within(setting: object, allowed: Override) -> bool:
    if isinstance(allowed, Bounds):
        if not isinstance(setting, int | float) or isinstance(setting, bool):
            return False
        is_whole = float(setting).is_integer() or not _is_whole(allowed)
        return is_whole and allowed.min <= setting <= allowed.max
    return setting in allowed


def _is_whole(allowed: Bounds) -> bool:
    """Between whole ends, only whole numbers count: half a wall would be cut off by the slicer."""
    return allowed.min.is_integer() and allowed.max.is_integer()


def _limits(allowed: Override) -> str:
    if isinstance(allowed, Bounds):
        whole = "a whole number, " if _is_whole(allowed) else ""
        return f"{whole}{allowed.min:g} to {allowed.max:g}"
    return f"one of {', '.join(allowed)}"


def _found_material(wanted: Wanted, shop: Shop) -> Material | None:
    return next((each for each in shop.materials if each.id == wanted.get("material")), None)


def _among(value: object, offered: Iterable[object]) -> str | None:
    choices = list(offered)
    return None if value in choices else one_of(choices)


_CHECKS: Mapping[str, Callable[[object, Wanted, Shop], str | None]] = {
    "material": _material,
    "quality": _quality,
    "layer_thickness": _layer_thickness,
    "printer": _printer,
    "colour": _colour,
    "finishes": _finishes,
    "speed": _speed,
    "rush": _rush,
    "overrides": _overrides,
}
