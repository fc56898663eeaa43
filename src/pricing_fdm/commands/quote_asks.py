"""The prices that a command line asks for: several files, or one file in several ways."""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from typing import Any

from pricing_fdm.commands.model_file import ModelFile, model_files
from pricing_fdm.commands.order_options import choices_of, given_fields, order_of
from pricing_fdm.errors import FieldFault, InvalidRequest
from pricing_fdm.model import Order
from pricing_fdm.shop.catalogue import Shop


@dataclass(frozen=True, slots=True)
class Ask:
    """A price that is wanted.

    Attributes:
        asked: In the words of the table.
        order: What is ordered, or why the shop does not offer it.
    """

    asked: tuple[str, ...]
    order: Order | InvalidRequest
    file: ModelFile


def asks_of(options: argparse.Namespace, shop: Shop, max_bytes: int) -> list[Ask]:
    """Every price that is wanted.

    Raises:
        InvalidRequest: The command line contradicts itself, or the shop offers none of it.
    """
    given = given_fields(options, shop)
    if options.estimate and (options.compare or len(options.file) > 1):
        raise InvalidRequest("--estimate is for one file, and not with --compare.")
    if options.compare:
        return _variants(options, given, shop, max_bytes)
    order = order_of(given, shop)
    return [Ask((file.name,), order, file) for file in model_files(options.file, max_bytes)]


def _variants(
    options: argparse.Namespace, given: dict[str, Any], shop: Shop, max_bytes: int
) -> list[Ask]:
    """One file with everything that the shop has of the fields to compare."""
    names = options.compare
    if len(options.file) > 1:
        raise InvalidRequest("--compare is for one file.")
    if stated := [FieldFault(name, "is to be compared") for name in names if name in given]:
        raise InvalidRequest("Wrong: compare.", tuple(stated))
    choices = choices_of(shop, given)
    (file,) = model_files(options.file, max_bytes)
    asks = []
    for values in itertools.product(*(choices[name] for name in names)):
        chosen = {name: value for name, value in zip(names, values, strict=True) if value}
        try:
            order: Order | InvalidRequest = order_of({**given, **chosen}, shop)
        except InvalidRequest as error:
            order = error
        asks.append(Ask(tuple(map(_shown, values)), order, file))
    refusals = [ask.order for ask in asks if isinstance(ask.order, InvalidRequest)]
    if len(refusals) == len(asks):
        raise refusals[0] if refusals else InvalidRequest("There is nothing to compare.")
    return asks


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "-")
