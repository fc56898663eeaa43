"""The options of `pricing-fdm quote` that say what is ordered: one for each field of a request.

What is left out, and what the help lists, comes from the shop in force.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from pricing_fdm.errors import FieldFault, InvalidRequest
from pricing_fdm.model import AUTO_PRINTER, Order
from pricing_fdm.order_request import OrderRequest, in_shop
from pricing_fdm.shop.catalogue import Bounds, Shop
from pricing_fdm.web.body import invalid_request

_USUAL = {"material": "pla", "infill": 20, "layer_thickness": 200}
_UM_PER_MM = 1000
_REPEATED = {"finishes": "--finish", "overrides": "--override"}
_OPTIONS = {
    name: _REPEATED.get(name, f"--{name.replace('_', '-')}") for name in OrderRequest.model_fields
}
_ABOUT = {
    "layer_thickness": "layer height in micrometres, such as 200, or in mm, such as 0.2mm",
    "finishes": "work on the printed part by its id; may be given several times",
    "overrides": "a setting of the slicer, where the shop allows it; may be given several times",
    "rush": "the first of the shop's speeds: ready sooner, for more",
}
_COMPARABLE = (
    *("material", "layer_thickness", "quality", "printer", "colour", "finishes", "speed"),
    *("supports", "orientation"),
)
_FIELD = "|".join(_OPTIONS)
# "name it in `units`", "orientation `auto`".
_MENTION = re.compile(rf"`({_FIELD})`|\b({_FIELD}) `(\w+)`")


def add_order_options(parser: argparse.ArgumentParser) -> None:
    """An option for each field."""
    schema = OrderRequest.model_json_schema()
    for name, facts in schema["properties"].items():
        named = facts.get("$ref", "").rpartition("/")[2]
        shape: dict[str, Any] = next(
            (each for each in facts.get("anyOf", ()) if each["type"] != "null"), {}
        )
        field = {**schema["$defs"].get(named, {}), **shape, **facts}
        parser.add_argument(_OPTIONS[name], dest=name, **_option(name, field))


def _option(name: str, field: dict[str, Any]) -> dict[str, Any]:
    """What argparse has to know of a field that JSON Schema describes."""
    about = _ABOUT.get(name) or in_own_words(field["description"].removesuffix("."))
    about = f"{about[0].lower()}{about[1:]}".replace("%", "%%")
    if field.get("type") == "boolean":
        return {"action": "store_true", "default": None, "help": about}
    reader, shown = _READERS.get(
        name, (_whole_number if field.get("type") == "integer" else str.lower, "ID")
    )
    if "minimum" in field:
        shown = f"{field['minimum']}..{field['maximum']}"
    default = _USUAL.get(name, field.get("default"))
    return {
        "type": reader,
        "action": "append" if name in _REPEATED else "store",
        "choices": field.get("enum"),
        "metavar": None if "enum" in field else shown,
        "help": f"{about} (default: {default})" if default else about,
    }


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a whole number") from None


def _micrometres(text: str) -> int:
    """`200`, `200um`, `0.2mm` or `0.2`."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s*(mm|um|µm|μm)?", text.strip().lower())
    number = Decimal(found[1]) if found else Decimal("0.5")
    if found and (found[2] == "mm" or (found[2] is None and "." in found[1])):
        number *= _UM_PER_MM
    if number % 1:
        raise argparse.ArgumentTypeError("is in micrometres, such as 200, or in mm, such as 0.2mm")
    return int(number)


def _pair(text: str) -> tuple[str, str]:
    """`wall_loops=3`."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError("is written as KEY=VALUE, such as wall_loops=3")
    return name.strip(), value.strip()


_READERS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "layer_thickness": (_micrometres, "UM"),
    "overrides": (_pair, "KEY=VALUE"),
}


def given_fields(options: argparse.Namespace, shop: Shop) -> dict[str, Any]:
    """The fields of the order that the command line states, as JSON has them.

    Raises:
        InvalidRequest: A setting is given twice.
    """
    named = {name: getattr(options, name) for name in OrderRequest.model_fields}
    given = {name: value for name, value in named.items() if value is not None}
    pairs = given.get("overrides", [])
    if len(dict(pairs)) < len(pairs):
        raise InvalidRequest("Wrong: overrides.", (FieldFault("overrides", "one is given twice"),))
    if pairs:
        given["overrides"] = {name: _setting(name, value, shop) for name, value in pairs}
    return given


def _setting(name: str, value: str, shop: Shop) -> float | str:
    """A number where the shop allows a range of them."""
    if isinstance(shop.overrides.get(name), Bounds):
        for number in (int, float):
            with contextlib.suppress(ValueError):
                return number(value)
    return value


def order_of(given: Mapping[str, Any], shop: Shop) -> Order:
    """The order, with what the shop usually has in place of what is left out.

    Raises:
        InvalidRequest: The shop does not offer it.
    """
    try:
        request = OrderRequest.model_validate_json(
            json.dumps({**_left_out(given, shop), **given}), context=in_shop(shop)
        )
    except ValidationError as error:
        raise invalid_request(error) from error
    return request.order(shop)


def _left_out(given: Mapping[str, Any], shop: Shop) -> dict[str, Any]:
    """PLA in 0.2 mm where the shop has it, else the first of its materials and qualities."""
    materials = {each.id: each for each in shop.materials}
    usual = _USUAL["material"] if _USUAL["material"] in materials else next(iter(materials))
    material = materials.get(str(given.get("material", usual)))
    fields: dict[str, Any] = {"material": usual, "infill": _USUAL["infill"]}
    if "quality" not in given and "layer_thickness" not in given:
        printers = material.presets.keys() if material else {each.id for each in shop.printers}
        qualities = [each for each in shop.qualities if each.presets.keys() & printers]
        heights = [each.layer_thickness for each in qualities or shop.qualities]
        is_usual = _USUAL["layer_thickness"] in heights
        fields["layer_thickness"] = _USUAL["layer_thickness"] if is_usual else heights[0]
    return fields


def compared_fields(text: str) -> list[str]:
    """The fields that `--compare` names, separated by commas."""
    names = [field_of(f"--{word.strip().replace('_', '-')}") for word in text.lower().split(",")]
    for name in names:
        if name not in _COMPARABLE:
            known = ", ".join(_COMPARABLE)
            raise argparse.ArgumentTypeError(f"takes what a shop has several of: {known}")
    return list(dict.fromkeys(names))


def choices_of(shop: Shop, given: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What the shop has to choose from, by the fields of an order; None is doing without."""
    material = given.get("material", _left_out(given, shop)["material"])
    coloured = [each for each in shop.materials if each.id == material]
    return {
        "material": [each.id for each in shop.materials],
        "layer_thickness": list(dict.fromkeys(each.layer_thickness for each in shop.qualities)),
        "quality": [each.id for each in shop.qualities],
        "printer": [each.id for each in shop.printers],
        "colour": [colour.id for each in coloured for colour in each.colours],
        "finishes": [None, *([each.id] for each in shop.finishes)],
        "speed": [None, *(each.id for each in shop.tariff.speeds)],
        "supports": ["auto", "never", "always"],
        "orientation": ["auto", "keep"],
    }


def offer_rows(shop: Shop) -> Iterator[tuple[str, str]]:
    """What the shop offers, option by option."""
    yield "--material", ", ".join(each.id for each in shop.materials)
    yield (
        "--quality",
        ", ".join(f"{each.id} ({each.layer_thickness} um)" for each in shop.qualities),
    )
    yield "--printer", ", ".join([AUTO_PRINTER, *(each.id for each in shop.printers)])
    for material in shop.materials:
        if material.colours:
            yield "--colour", f"{material.id}: {', '.join(each.id for each in material.colours)}"
    if shop.finishes:
        yield "--finish", ", ".join(each.id for each in shop.finishes)
    if shop.tariff.speeds:
        yield "--speed", ", ".join(each.id for each in shop.tariff.speeds)
    for name, allowed in shop.overrides.items():
        if isinstance(allowed, Bounds):
            yield "--override", f"{name}={allowed.min:g}..{allowed.max:g}"
        else:
            yield "--override", f"{name}={'|'.join(allowed)}"


def option_of(field: str) -> str:
    """The option of a field, and a field that has none as it is."""
    return _OPTIONS.get(field.partition(".")[0], field)


def field_of(option: str) -> str:
    """The field of an option, and an option that has none without its dashes."""
    return next((name for name, each in _OPTIONS.items() if each == option), option.lstrip("-"))


def fault_lines(error: InvalidRequest) -> list[str]:
    """What is wrong, option by option."""
    faults = [f"{option_of(fault.field)}: {in_own_words(fault.message)}" for fault in error.faults]
    return faults or [in_own_words(error.detail)]


def in_own_words(text: str) -> str:
    """A text of the HTTP interface, with options in place of its fields."""

    def option(found: re.Match[str]) -> str:
        return option_of(found[1]) if found[1] else f"{option_of(found[2])} {found[3]}"

    return _MENTION.sub(option, text).replace("`", "")
