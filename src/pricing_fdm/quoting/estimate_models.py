"""Which fitted model estimates for a printer: the shop's own, else the bundled one.

A shop's own lies beside its presets, as `estimate/<slicer>.json`; `estimate train` writes it. The
file is read again when it has changed. The bundled models were fitted for the bundled presets.
"""

from __future__ import annotations

import functools
import stat
from pathlib import Path

import structlog

from pricing_fdm.estimate.model_file import EstimateModel, bundled_model, read_model
from pricing_fdm.estimate.predict import NeedsSlice

OWN_FOLDER = "estimate"
"""In the folder of the shop file."""

_MOST_BYTES = 4 * 1024**2
"""A fitted model has some 80 kB."""

_log = structlog.get_logger()


def estimate_model(shop_folder: Path, engine: str) -> EstimateModel | NeedsSlice:
    """The model for a slicer, or why there is none."""
    own = own_model_path(shop_folder, engine)
    try:
        found = own.stat()
        plain = stat.S_ISREG(found.st_mode)
        return _own(own, engine, found.st_mtime_ns, found.st_size if plain else -1)
    except FileNotFoundError:
        return _bundled(engine) or NeedsSlice("No estimate was fitted for this printer's slicer.")
    except OSError as error:
        return _faulty(own, error)


def own_model_path(shop_folder: Path, engine: str) -> Path:
    """Where a shop's own model lies."""
    return shop_folder / OWN_FOLDER / f"{engine}.json"


@functools.lru_cache(maxsize=8)
def _own(path: Path, engine: str, _mtime_ns: int, size: int) -> EstimateModel | NeedsSlice:
    """What a file said when it had this time and size."""
    try:
        return _read(path, engine, size)
    except ValueError as error:
        return _faulty(path, error)


def _read(path: Path, engine: str, size: int) -> EstimateModel:
    if not 0 <= size <= _MOST_BYTES:
        raise ValueError(f"it must be a file of at most {_MOST_BYTES} bytes")
    model = read_model(path)
    if model.engine != engine:
        raise ValueError(f"it was fitted for {model.engine}")
    return model


def _faulty(path: Path, error: Exception) -> NeedsSlice:
    """The bundled model was fitted for other presets; who wrote the file must hear of it."""
    _log.error("estimate_model_faulty", file=str(path), error=str(error))
    return NeedsSlice("The shop's file for estimates is faulty.")


@functools.cache
def _bundled(engine: str) -> EstimateModel | None:
    return bundled_model(engine)
