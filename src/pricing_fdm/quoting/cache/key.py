"""The key of a slice result in the cache.

Everything that can move a figure is in it, and nothing that only moves a price: rates, margin and
quantity may change every day. The program itself can move figures, too. So a digest of its files is
in the key: this version never answers with a result of an earlier one.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]
_KINDS = {".py", ".toml"}  # code, and tables such as PrusaSlicer's dictionary


def key_of(facts: Mapping[str, str | int | Mapping[str, str]]) -> str:
    """A name for these facts, the same wherever they are the same: 64 hex digits."""
    told = {**facts, "program": program_digest()}
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@functools.cache  # some 15 ms, when the first quote is asked for
def program_digest(package: Path = _PACKAGE) -> str:
    """SHA-256 over the names and contents of the program's files, as hex digits."""
    digest = hashlib.sha256()
    for path in sorted(path for path in package.rglob("*") if path.suffix in _KINDS):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
