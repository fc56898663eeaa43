"""A price as most services get it: the pipeline that ours is measured against.

The whole body in memory, `trimesh` to load and judge it, the caller's own file to the slicer behind
a virtual display, the whole G-code read and searched. It is written plainly, not badly: it answers
request after request in one process, so that its imports count once, and it checks for holes and
size as such services do. It needs nothing of this repository, and runs in an environment of its own
(scripts/setup-peer). One JSON object a line in, one out.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import trimesh  # type: ignore[import-not-found, unused-ignore]

_LARGEST_MM = 200.0
_TIME = re.compile(r"; estimated printing time \(normal mode\) = (.+)")
_GRAMS = re.compile(r"; total filament used \[g\] = ([\d.]+)")
_UNITS_S = {"d": 86_400, "h": 3600, "m": 60, "s": 1}


class Refused(Exception):
    """The model cannot be priced; the message says why."""


def price(url: str, profile: str) -> dict[str, float]:
    """Grams and seconds of a part, sliced with a configuration file."""
    with urllib.request.urlopen(url, timeout=60) as response:
        body = response.read()
    mesh = trimesh.load(io.BytesIO(body), file_type="stl", force="mesh")
    if not mesh.is_watertight:
        raise Refused("not watertight")
    if (mesh.extents > _LARGEST_MM).any():
        raise Refused("too large")
    with tempfile.TemporaryDirectory(prefix="peer-") as name:
        folder = Path(name)
        (folder / "model.stl").write_bytes(body)
        done = subprocess.run(
            ["xvfb-run", "--auto-servernum", "prusa-slicer", "--export-gcode", "--load", profile,
             "--output", "out.gcode", "model.stl"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise Refused(f"the slicer ended with {done.returncode}")
        gcode = (folder / "out.gcode").read_text()
    time_text, grams = _TIME.search(gcode), _GRAMS.search(gcode)
    if time_text is None or grams is None:
        raise Refused("no figures in the G-code")
    return {"print_time_s": _seconds(time_text[1]), "grams": float(grams[1])}


def main() -> int:
    """Answers until there are no more requests."""
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, object]
        try:
            answer = {**price(request["url"], request["profile"])}
        except Exception as error:  # noqa: BLE001 - one answer for each request, whatever happens
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    return 0


def _seconds(text: str) -> float:
    return sum(int(number) * _UNITS_S[unit] for number, unit in re.findall(r"(\d+)([dhms])", text))


if __name__ == "__main__":
    sys.exit(main())
