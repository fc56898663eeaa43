"""`pricing-fdm shop`: makes, examines and shows the shop file."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from pricing_fdm.commands import shop_add_printer, shop_printers
from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.settings.shop import ShopSettings, bundled_shop_folder
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.lines import KeyPath, key_lines
from pricing_fdm.shop.load import SHOP_FILE, load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets

SCHEMA_FILE = "shop.schema.json"

_SCHEMA_OF_REPOSITORY = f"../docs/{SCHEMA_FILE}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each thing that can be done."""
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    action = actions.add_parser("init", help="copy the bundled shop to a folder, to edit it")
    action.add_argument("folder", type=Path, help="a folder that has no shop file yet")
    action.set_defaults(act=_init)
    action = actions.add_parser("check", help="name everything that is wrong with a shop")
    action.add_argument("folder", type=Path, nargs="?", help="its folder (SHOP_DIR)")
    action.set_defaults(act=_check)
    action = actions.add_parser("show", help="the shop in force, and where each value comes from")
    action.set_defaults(act=_show)
    action = actions.add_parser("schema", help="the JSON Schema of the shop file, for editors")
    action.set_defaults(act=_schema)
    shop_printers.add_action(actions)
    shop_add_printer.add_action(actions)


def run(options: argparse.Namespace) -> int:
    """Exit code 1 when the shop is faulty or cannot be made."""
    code: int = options.act(options)
    return code


def schema_text() -> str:
    """The JSON Schema of the shop file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Shop.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"


def _init(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    if (folder / SHOP_FILE).exists():
        print(f"{folder / SHOP_FILE} exists; choose another folder", file=sys.stderr)
        return 1
    shop = load_shop(bundled_shop_folder())
    for name in (SHOP_FILE, *shop.file_names()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shop.folder / name, folder / name)
    (folder / SCHEMA_FILE).write_text(schema_text(), "utf-8")
    text = (folder / SHOP_FILE).read_text("utf-8")
    (folder / SHOP_FILE).write_text(text.replace(_SCHEMA_OF_REPOSITORY, SCHEMA_FILE), "utf-8")
    print(f"Edit {folder / SHOP_FILE}, try it with `pricing-fdm shop check {folder}`,")
    print(f"and start the service with SHOP_DIR={folder}.")
    return 0


def _check(options: argparse.Namespace) -> int:
    folder: Path = options.folder or load_settings().shop.folder
    try:
        loaded = load_presets(load_shop(folder))
    except ShopError as error:
        print(f"{folder}:", *error.faults, sep="\n  ", file=sys.stderr)
        return 1
    shop = loaded.shop
    for warning in loaded.warnings:
        print(f"warning: {warning}")
    counts = f"{len(shop.printers)} printers, {len(shop.qualities)} qualities"
    print(f"{folder}: {shop.name}, {counts}, {len(shop.materials)} materials, all sound")
    return 0


def _schema(_options: argparse.Namespace) -> int:
    sys.stdout.write(schema_text())
    return 0


def _show(_options: argparse.Namespace) -> int:
    settings = load_settings().shop
    try:
        shop = settings.load()
    except SettingsError as error:
        print(*error.faults, sep="\n", file=sys.stderr)
        return 1
    print(f"# {shop.folder}, version {shop.version}")
    rows = list(_rows(settings, shop))
    width = max(len(value) for value, _ in rows)
    print(*(f"{value:<{width}}  # {origin}" for value, origin in rows), sep="\n")
    return 0


def _rows(settings: ShopSettings, shop: Shop) -> Iterator[tuple[str, str]]:
    """Every value of the shop as text, and where it comes from."""
    in_file = dict(_leaves(_dumped(load_shop(settings.folder, settings.shop_file))))
    lines = key_lines(settings.shop_file.read_text("utf-8"))
    for path, value in _leaves(_dumped(shop)):
        if in_file.get(path) != value:
            origin = "environment"
        else:
            origin = f"line {lines[path]}" if path in lines else "default"
        yield f"{_shown(path)} = {json.dumps(value, default=str)}", origin


def _dumped(shop: Shop) -> dict[str, Any]:
    return shop.model_dump(by_alias=True, exclude_none=True)


def _leaves(node: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:  # noqa: ANN401
    inner: Iterator[tuple[str | int, Any]] | None = None
    if isinstance(node, dict):
        inner = iter(node.items())
    elif isinstance(node, tuple) and node and isinstance(node[0], dict):
        inner = iter(enumerate(node))
    if inner is None:
        yield path, node.value if isinstance(node, Enum) else node
        return
    for key, value in inner:
        yield from _leaves(value, (*path, key))


def _shown(path: KeyPath) -> str:
    steps = (f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")
