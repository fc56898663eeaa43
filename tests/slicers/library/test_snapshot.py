"""A snapshot is flat, named, hashed, and holds nothing that runs or reaches out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pricing_fdm.slicers.library.snapshot import manifest, snapshot
from tests.slicers.library.bundles import tiny_library


def test_programs_hosts_and_keys_are_stripped_and_named(tmp_path: Path) -> None:
    """A preset for pricing runs nothing, and a key does not belong in a shop's folder."""
    library = tiny_library(tmp_path)
    files = snapshot(library.offer(next(library.printers([]))), "t1")
    stripped = {str(each.path): each.stripped for each in files}
    assert stripped["presets/t1/machine.ini"] == ("print_host", "printhost_apikey")
    assert stripped["presets/t1/process-0.20mm.ini"] == ("post_process",)
    text = b"".join(each.content for each in files).decode()
    assert "192.168.1.7" not in text
    assert "0123456789" not in text
    assert "send.sh" not in text
    assert "inherits" not in text


def test_the_manifest_says_where_each_file_comes_from_with_its_hash(tmp_path: Path) -> None:
    """So an owner sees what was changed by hand."""
    library = tiny_library(tmp_path)
    offer = library.offer(next(library.printers([])))
    files = snapshot(offer, "t1")
    told = json.loads(manifest(offer, files))
    assert told["origin"] == "Tiny.ini 1.2"
    machine = told["files"]["machine.ini"]
    assert machine["name"] == "Tiny one"
    assert machine["inherits"] == ["*common*"]
    assert machine["sha256"] == hashlib.sha256(files[0].content).hexdigest()
