"""Which fitted model estimates for a printer: the shop's own, else the bundled one.

A shop's own lies beside its presets, as `estimate/<slicer>.json`; `estimate train` writes it. It is
read again when it has changed. The bundled ones were fitted for the bundled presets.
"""

from __future__ import annotations

import functools
from pathlib import Path

import structlog

from pricing_fdm.estimate.model_file import EstimateModel, bundled_model, read_model
from pricing_fdm.estimate.predict import NeedsSlice

OWN_FOLDER = "estimate"
"""In the folder of the shop file."""

_log = structlog.get_logger()


def estimate_model(shop_folder: Path, engine: str) -> EstimateModel | NeedsSlice:
    """The model for a slicer, or why there is none."""
    own = own_model_path(shop_folder, engine)
    try:
        stamp = own.stat()
    except OSError:
        return _bundled(engine) or NeedsSlice("No estimate was fitted for this printer's slicer.")
    return _own(own, stamp.st_mtime_ns, stamp.st_size)


def own_model_path(shop_folder: Path, engine: str) -> Path:
    """Where a shop's own model lies."""
    return shop_folder / OWN_FOLDER / f"{engine}.json"


@functools.lru_cache(maxsize=8)
def _own(path: Path, _mtime_ns: int, _size: int) -> EstimateModel | NeedsSlice:
    try:
        return read_model(path)
    except (OSError, ValueError) as error:
        _log.error("estimate_model_faulty", file=str(path), error=str(error))
        return NeedsSlice("The shop's file for estimates is faulty.")


@functools.cache
def _bundled(engine: str) -> EstimateModel | None:
    return bundled_model(engine)
