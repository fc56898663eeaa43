"""What must agree between the tables of a shop file, and what an owner probably did not mean.

Works on the file's content as it stands, so that these faults are told together with the others.
Whatever does not have the right shape is passed over: the models tell that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from pricing_fdm.model import WARNING_CODES
from pricing_fdm.shop.faults import nearest
from pricing_fdm.shop.lines import KeyPath

Document: TypeAlias = Mapping[str, Any]
Remarks: TypeAlias = Iterator[tuple[KeyPath, str]]

_OF_CAPACITY = ("working_days", "hours_per_day", "cut_off", "backlog_hours")


def cross_faults(document: Document, folder: Path) -> Remarks:
    """What contradicts something else."""
    yield from _duplicates(document)
    yield from _unknown_names(document)
    yield from _unprintable(document)
    yield from _missing_files(document, folder)


def cautions(document: Document) -> Remarks:
    """What works, and is probably not meant."""
    yield from _free_of_charge(document)
    for path, speed in _tables(document, "tariff", "speeds"):
        if _number(speed.get("factor")) > 1 and _number(speed.get("days_factor", 1)) >= 1:
            yield path, "costs more and is never earlier; set days_factor below 1"
    used = _used_printers(document, "qualities") & _used_printers(document, "materials")
    for path, printer in _tables(document, "printers"):
        if printer.get("id") not in used:
            yield path, "is never chosen: no quality or no material has a preset for it"
    lead_time = _table(document, "lead_time")
    if lead_time.get("model", "table") == "table":
        for key in _OF_CAPACITY:
            if key in lead_time:
                yield ("lead_time", key), 'counts only with model = "capacity"'


def _duplicates(document: Document) -> Remarks:
    arrays: list[KeyPath] = [("printers",), ("qualities",), ("materials",), ("finishes",)]
    arrays += [("tariff", "speeds")]
    arrays += [(*path, "colours") for path, _ in _tables(document, "materials")]
    for array in arrays:
        seen = set()
        for path, table in _tables(document, *array):
            if (identity := _id(table)) in seen:
                yield (*path, "id"), f"there are two of the id {identity}"
            seen.add(identity)


def _unknown_names(document: Document) -> Remarks:
    printers, materials = _ids(document, "printers"), _ids(document, "materials")
    for array in ("qualities", "materials"):
        for path, table in _tables(document, array):
            for name in _table(table, "presets"):
                if name not in printers:
                    message = f"there is no such printer; {nearest(name, printers)}"
                    yield (*path, "presets", name), message
    for path, finish in _tables(document, "finishes"):
        yield from _strangers((*path, "materials"), finish.get("materials"), materials)
    factors = _table(_table(document, "tariff"), "material_factors")
    for name in factors:
        if name not in materials:
            message = f"there is no such material; {nearest(name, materials)}"
            yield ("tariff", "material_factors", name), message
    warnings = _table(document, "review").get("warnings")
    yield from _strangers(("review", "warnings"), warnings, list(WARNING_CODES))


def _strangers(path: KeyPath, names: object, known: list[str]) -> Remarks:
    for number, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in known:
            yield (*path, number), f"{name} is not known; {nearest(name, known)}"


def _unprintable(document: Document) -> Remarks:
    with_quality = _used_printers(document, "qualities")
    for path, material in _tables(document, "materials"):
        presets = _table(material, "presets")
        if presets and not with_quality.intersection(presets):
            yield (*path, "presets"), "no quality is offered on these printers"


def _missing_files(document: Document, folder: Path) -> Remarks:
    for path, name in named_files(document):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            yield path, f"{name} must be in the folder of the shop file"
        elif not (folder / name).is_file():
            yield path, f"there is no file {name}"


def named_files(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """The files that it refers to, and where it does."""
    for path, name in _values_for_files(document):
        if isinstance(name, str):
            yield path, name


def _values_for_files(document: Document) -> Iterator[tuple[KeyPath, object]]:
    for path, table in _tables(document, "printers"):
        yield (*path, "preset"), table.get("preset")
    for array in ("qualities", "materials"):
        for path, table in _tables(document, array):
            presets = _table(table, "presets")
            yield from (((*path, "presets", printer), presets[printer]) for printer in presets)
    yield ("customer", "logo"), _table(document, "customer").get("logo")


def _free_of_charge(document: Document) -> Remarks:
    if _number(_table(document, "tariff").get("machine_rate_per_hour", 1)) == 0:
        yield ("tariff", "machine_rate_per_hour"), "is zero: the hours of printing cost nothing"
    for path, printer in _tables(document, "printers"):
        if _number(printer.get("rate_per_hour", 1)) == 0:
            yield (*path, "rate_per_hour"), "is zero: the hours of printing cost nothing"
    for path, material in _tables(document, "materials"):
        for key in ("cost_per_kg", "cost_per_g"):
            if _number(material.get(key, 1)) == 0:
                yield (*path, key), "is zero: the material costs nothing"


def _tables(document: Document, *keys: str | int) -> Iterator[tuple[KeyPath, Document]]:
    """The tables of an array, with their places."""
    node: Any = document
    for key in keys:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            return
    for number, table in enumerate(node if isinstance(node, list) else ()):
        if isinstance(table, dict):
            yield (*keys, number), table


def _table(table: Document, key: str) -> Document:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _ids(document: Document, array: str) -> list[str]:
    return [identity for _, table in _tables(document, array) if (identity := _id(table))]


def _id(table: Document) -> str | None:
    identity = table.get("id")
    return identity if isinstance(identity, str) else None


def _used_printers(document: Document, array: str) -> set[str]:
    return {name for _, table in _tables(document, array) for name in _table(table, "presets")}


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
