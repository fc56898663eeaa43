"""Writes an image's bill of materials (CycloneDX 1.6, JSON) to standard output.

Usage: image_bom.py --slicer orca|prusa|stand-in --created DATE [--folder /build]

Runs while an image is built. It tells what was really copied: the Debian packages that left an
entry in `status.d`, the Python packages that are installed, the packages that the quote page is
made of, and OrcaSlicer by the pin in `install-slicer`. The same content gives the same bytes: its
serial number is made of it. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

Component = dict[str, Any]

OURS = "pricing-fdm"
DISTRIBUTION = "debian-13"
NAMESPACE = uuid.UUID("5c3e2a52-6a0e-4a0e-9a52-0d3f6f1d7c11")
SPDX_NAME = re.compile(r"[A-Za-z0-9.+-]+")


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--slicer", choices=["orca", "prusa", "stand-in"], required=True)
    parser.add_argument("--folder", type=Path, default=Path("/build"))
    parser.add_argument("--created", required=True, help="when, as in 2026-01-31T00:00:00Z")
    options = parser.parse_args(arguments)
    bill = bill_of_materials(options.folder, options.slicer, options.created)
    json.dump(bill, sys.stdout, indent=1, sort_keys=True)
    print()
    return 0


def bill_of_materials(folder: Path, slicer: str, created: str) -> dict[str, Any]:
    """The whole document, made of what lies in `folder`."""
    python = {each["name"]: each for each in python_packages(folder / "python")}
    service = python.pop(OURS)
    components = [
        *debian_packages(folder / "status.d"),
        *python.values(),
        *page_packages(folder / "package-lock.json"),
        *([orca_slicer(folder / "install-slicer")] if slicer == "orca" else []),
    ]
    components.sort(key=lambda each: each["bom-ref"])
    content = json.dumps([service, components], sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "version": 1,
        "metadata": {
            "timestamp": created,
            "component": service | {"type": "application"},
            "properties": [{"name": "pricing-fdm:slicer", "value": slicer}],
        },
        "components": components,
        "dependencies": [
            {"ref": service["bom-ref"], "dependsOn": [each["bom-ref"] for each in components]}
        ],
    }


def debian_packages(status: Path) -> Iterator[Component]:
    """The packages that files were copied from."""
    for path in sorted(status.iterdir()):
        fields: dict[str, str] = dict(
            re.findall(r"^([\w-]+): (.*)$", path.read_text(), re.MULTILINE)
        )
        name, version = fields["Package"], fields["Version"]
        source, _, source_version = fields.get("Source", name).partition(" ")
        qualifiers = f"arch={fields['Architecture']}&distro={DISTRIBUTION}"
        component = library("deb", f"debian/{name}", version, qualifiers)
        component["properties"] = [
            {"name": "debian:source", "value": source},
            {"name": "debian:source-version", "value": source_version.strip("()") or version},
        ]
        yield component


def python_packages(folder: Path) -> Iterator[Component]:
    """What is installed, ours among it."""
    places = [str(path) for path in sorted(folder.rglob("site-packages"))]
    for each in distributions(path=places):
        name = re.sub(r"[-_.]+", "-", each.name).lower()
        yield library("pypi", name, each.version) | licence(each)


def licence(package: Distribution) -> Component:
    """Its licence as an SPDX expression where it tells one; nothing where it tells a story."""
    told = package.metadata
    if "License-Expression" in told:
        return {"licenses": [{"expression": told["License-Expression"]}]}
    name = " ".join(told.get_all("License") or [])
    return {"licenses": [{"license": {"name": name}}]} if SPDX_NAME.fullmatch(name) else {}


def page_packages(lock: Path) -> Iterator[Component]:
    """What of the lock is in the page, and not only used to build it."""
    for path, entry in json.loads(lock.read_text())["packages"].items():
        if path and not (entry.get("dev") or entry.get("optional") or entry.get("peer")):
            name = path.rpartition("node_modules/")[2]
            yield library("npm", name, entry["version"]) | spdx(entry.get("license"))


def spdx(expression: str | None) -> Component:
    """The licence of a package of npm."""
    return {"licenses": [{"expression": expression}]} if expression else {}


def orca_slicer(pins: Path) -> Component:
    """The AppImage, by the pin, and the pointer to its source that its licence asks for."""
    pinned = dict(re.findall(r"^readonly (version|sha256)=(\S+)$", pins.read_text(), re.MULTILINE))
    version = pinned["version"]
    repository = "https://github.com/OrcaSlicer/OrcaSlicer"
    component = library("github", "OrcaSlicer/OrcaSlicer", f"v{version}")
    return component | {
        "type": "application",
        "hashes": [{"alg": "SHA-256", "content": pinned["sha256"]}],
        "licenses": [{"expression": "AGPL-3.0-only"}],
        "externalReferences": [
            {"type": "vcs", "url": f"{repository}/tree/v{version}"},
            {"type": "distribution", "url": f"{repository}/releases/tag/v{version}"},
        ],
    }


def library(kind: str, path: str, version: str, qualifiers: str = "") -> Component:
    """A component with its package URL, by which scanners know it."""
    purl = f"pkg:{kind}/{quote(path, safe='/+.~')}@{quote(version, safe='+.~')}"
    return {
        "type": "library",
        "name": path.rpartition("/")[2] if kind != "npm" else path,
        "version": version,
        "purl": f"{purl}?{qualifiers}" if qualifiers else purl,
        "bom-ref": f"{purl}?{qualifiers}" if qualifiers else purl,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
