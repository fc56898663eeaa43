"""`pricing-fdm shop`: makes, examines and shows the shop file."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
from collections.abc import Iterator, Sized
from enum import Enum
from pathlib import Path
from typing import Any

from pricing_fdm.commands import shop_add_printer, shop_import, shop_printers
from pricing_fdm.commands.terminal import Style, complain, to_reader
from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.settings.shop import ShopSettings, bundled_shop_folder
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.lines import KeyPath, key_lines
from pricing_fdm.shop.load import SHOP_FILE, load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets

SCHEMA_FILE = "shop.schema.json"

_ORIGIN_WIDTH = len("  # environment")
_SCHEMA_OF_REPOSITORY = f"../docs/{SCHEMA_FILE}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each thing that can be done."""
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    action = actions.add_parser("init", help="copy the bundled shop to a folder, to edit it")
    action.add_argument("folder", type=Path, help="a folder that has no shop file yet")
    action.set_defaults(act=_init)
    action = actions.add_parser("check", help="name everything that is wrong with a shop")
    action.add_argument("folder", type=Path, nargs="?", help="its folder or file (SHOP_DIR)")
    action.set_defaults(act=_check)
    action = actions.add_parser("show", help="the shop in force, and where each value comes from")
    action.set_defaults(act=_show)
    action = actions.add_parser("schema", help="the JSON Schema of the shop file, for editors")
    action.set_defaults(act=_schema)
    shop_printers.add_action(actions)
    shop_add_printer.add_action(actions)
    shop_import.add_action(actions)


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
    shop = load_shop(bundled_shop_folder())
    names = (SHOP_FILE, *shop.file_names())
    if there := [name for name in (*names, SCHEMA_FILE) if (folder / name).exists()]:
        complain([f"{folder / there[0]} exists; choose another folder"])
        return 1
    try:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shop.folder / name, folder / name)
        (folder / SCHEMA_FILE).write_text(schema_text(), "utf-8")
        text = (folder / SHOP_FILE).read_text("utf-8")
        (folder / SHOP_FILE).write_text(text.replace(_SCHEMA_OF_REPOSITORY, SCHEMA_FILE), "utf-8")
    except OSError as error:
        complain([f"{error.filename or folder} cannot be written: {error.strerror}"])
        return 1
    quoted = shlex.quote(str(folder))
    terminal = to_reader()
    terminal.say(f"Edit {folder / SHOP_FILE}, and look at it with")
    terminal.say(f"  pricing-fdm shop check {quoted}")
    terminal.say("Then start the service with it:")
    terminal.say(f"  SHOP_DIR={quoted} pricing-fdm serve")
    return 0


def _check(options: argparse.Namespace) -> int:
    folder: Path = options.folder or load_settings().shop.folder
    if folder.name == SHOP_FILE and folder.is_file():
        folder = folder.parent
    try:
        loaded = load_presets(load_shop(folder))
    except ShopError as error:
        complain(map(str, error.faults), f"{folder}:")
        return 1
    terminal, shop = to_reader(), loaded.shop
    for warning in loaded.warnings:
        terminal.say(f"warning: {warning}", Style.CAUTION, indent="  ")
    counts = ", ".join(
        (
            _count(shop.printers, "printer", "printers"),
            _count(shop.qualities, "quality", "qualities"),
            _count(shop.materials, "material", "materials"),
        )
    )
    terminal.say(f"{folder}: {shop.name}, {counts}, all sound", indent="  ")
    return 0


def _count(things: Sized, one: str, several: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else several}"


def _schema(_options: argparse.Namespace) -> int:
    sys.stdout.write(schema_text())
    return 0


def _show(_options: argparse.Namespace) -> int:
    settings = load_settings().shop
    try:
        shop = settings.load()
    except SettingsError as error:
        complain(error.faults)
        return 1
    terminal = to_reader()
    print(f"# {shop.folder}, version {shop.version}")
    rows = list(_rows(settings, shop))
    width = max(len(value) for value, _ in rows)
    if terminal.width is not None:
        width = min(width, terminal.width - _ORIGIN_WIDTH)
    for value, origin in rows:
        terminal.say(f"{value:<{width}}  # {origin}", indent=" " * 4)
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
