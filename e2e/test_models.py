"""Models that cannot be printed: refused with a reason, by the running image."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

import pytest

from e2e.containers import ROOT, Container
from tests.harness.origin import Origin
from tests.harness.service import order
from tests.harness.shapes import ascii_stl, binary_stl, box
from tests.mesh import threemf_writer
from tests.mesh.step import step_files

SHARED = ROOT.parent / "shared" / "models" / "bad"


def zip_of(name: str, content: bytes) -> bytes:
    """An archive with one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


CUBE = binary_stl(box(20, 20, 20))
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "model_"),
    "one byte": (b"s", "model_"),
    "a web page": (b"<html><body>403 Forbidden</body></html>", "model_format"),
    "an error in JSON": (b'{"error": "AccessDenied"}', "model_format"),
    "gzip": (b"\x1f\x8b" + bytes(400), "model_format"),
    "a program": (b"\x7fELF" + bytes(400), "model_format"),
    "no triangles": (binary_stl([]), "model_invalid"),
    "cut off": (CUBE[:-100], "model_invalid"),
    "a count of four billion": (
        CUBE[:80] + struct.pack("<I", 2**32 - 1) + CUBE[84:],
        "model_invalid",
    ),
    "not a number": (
        CUBE.replace(struct.pack("<f", 20.0), struct.pack("<f", float("nan"))),
        "model_",
    ),
    "words for numbers": (ascii_stl(box(20, 20, 20)).replace(b"20", b"twenty"), "model_"),
    "flat": (binary_stl(box(20, 20, 0)), "model_invalid"),
    "too long": (binary_stl(box(260, 120, 40)), "model_exceeds_build_volume"),
    "a metre high": (binary_stl(box(20, 20, 1000)), "model_exceeds_build_volume"),
    "in metres": (binary_stl(box(0.03, 0.03, 0.03)), "model_invalid"),
    "an archive without a model": (zip_of("readme.txt", b"hello"), "model_"),
    "an archive that leads out": (zip_of("../../etc/passwd", b"root"), "model_"),
    "a bomb": (zip_of("3D/3dmodel.model", bytes(200 * 2**20)), "model_"),
    "an OBJ without faces": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "model_"),
    "a STEP file cut off": (step_files.one("box", (20, 20, 20))[:900], "model_"),
}
CUBES = {
    "stl": CUBE,
    "ascii.stl": ascii_stl(box(20, 20, 20)),
    "obj": "".join(
        [
            *(f"v {20 * (n & 1)} {20 * (n >> 1 & 1)} {20 * (n >> 2)}\n" for n in range(8)),
            *("f 1 3 4 2\n", "f 5 6 8 7\n", "f 1 2 6 5\n"),
            *("f 3 7 8 4\n", "f 1 5 7 3\n", "f 2 4 8 6\n"),
        ]
    ).encode(),
    "3mf": bytes(threemf_writer.built(threemf_writer.an_object(1))),
    "step": step_files.one("box", (20, 20, 20)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_model_is_refused_with_a_reason_b7_b11(
    service: Container, origin: Origin, name: str
) -> None:
    """B7 to B11: 422, a code of the model's own, and a sentence without a path of ours."""
    content, code = BAD[name]
    answer = service.post(order(origin.serve(f"bad-{name.replace(' ', '-')}.stl", content)))
    problem = answer.json()
    assert answer.status_code == 422, problem
    assert problem["code"].startswith(code), problem
    assert problem["detail"].endswith((".", "?"))
    assert "/tmp" not in problem["detail"]


def known_bad() -> list[Any]:
    """The collected bad models, where they are there."""
    manifest = SHARED / "manifest.json"
    if not manifest.exists():
        return []
    return [pytest.param(entry, id=entry["file"]) for entry in json.loads(manifest.read_text())]


@pytest.mark.beyond_ci
@pytest.mark.parametrize("entry", known_bad())
def test_a_collected_bad_model_is_refused_or_warned_of(
    service: Container, origin: Origin, entry: dict[str, Any]
) -> None:
    """As its manifest demands: never a price in silence for a broken file."""
    content = (SHARED / entry["file"]).read_bytes()
    answer = service.post(order(origin.serve(f"collected-{entry['file']}", content)))
    if answer.status_code == 200:
        assert entry["expect"] != "reject", answer.text
        assert answer.json()["warnings"] or "warn" not in entry["expect"], answer.text
    else:
        assert entry["expect"] not in {"accept", "warn"}, answer.text
        assert (answer.status_code, answer.json()["code"][:6]) == (422, "model_"), answer.text


def test_nothing_is_left_behind_c10(service: Container, origin: Origin, cube: str) -> None:
    """C10: after good and bad models the work folder is empty and no slicer runs."""
    for url in (cube, origin.serve("left.stl", b"<html>"), origin.url("missing.stl")):
        service.post(order(url))
    assert [name for name in service.leftovers() if name.startswith("pricing-fdm")] == []
    assert not [one for one in service.processes() if "slicer" in one["name"]]


def test_every_format_is_priced_alike(service: Container, origin: Origin) -> None:
    """One cube as STL, OBJ, 3MF and STEP: the readers, and what STEP needs, are in the image."""
    weights = {}
    for name, content in CUBES.items():
        answer = service.post(order(origin.serve(f"cube-as.{name}", content), orientation="keep"))
        assert answer.status_code == 200, (name, answer.text)
        weights[name] = answer.json()["filament_weight_g"]
    assert max(weights.values()) == pytest.approx(min(weights.values()), rel=0.01), weights
