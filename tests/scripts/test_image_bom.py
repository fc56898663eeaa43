"""The bill of materials tells what is in the image, in a form that scanners read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.image_bom import main
from tests.scripts.checkout import ROOT

DEBIAN = """\
Package: libexample1
Source: example (1.2-3)
Architecture: amd64
Version: 1.2-3+b1
Description: an example
 Source: not this
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """What lies before the script while an image is built."""
    (tmp_path / "status.d").mkdir()
    (tmp_path / "status.d/libexample1").write_text(DEBIAN)
    installed(tmp_path, "pricing_fdm", "0.1.0", "License-Expression: Apache-2.0\n")
    installed(tmp_path, "Some.Thing", "2.0", "License: MIT\n")
    installed(tmp_path, "talker", "3.0", "License: You may do\n        as you like\n")
    installed(tmp_path, "silent", "4.0", "")
    packages = {
        "": {"name": "web"},
        "node_modules/three": {"version": "0.187.0", "license": "MIT"},
        "node_modules/vite": {"version": "7.0.0", "dev": True, "license": "MIT"},
    }
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    (tmp_path / "install-slicer").write_text((ROOT / "scripts/install-slicer").read_text())
    return tmp_path


def installed(folder: Path, name: str, version: str, licence: str) -> None:
    info = folder / f"python/lib/python3.13/site-packages/{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{licence}\n"
    )


def bill(build: Path, capsys: pytest.CaptureFixture[str], slicer: str = "prusa") -> dict[str, Any]:
    created = "2026-11-22T00:00:00Z"
    assert main(["--slicer", slicer, "--created", created, "--folder", str(build)]) == 0
    parsed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return parsed


def test_it_lists_what_is_inside(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is only needed to build the page is not in it."""
    assert [each["purl"] for each in bill(build, capsys)["components"]] == [
        "pkg:deb/debian/libexample1@1.2-3+b1?arch=amd64&distro=debian-13",
        "pkg:npm/three@0.187.0",
        "pkg:pypi/silent@4.0",
        "pkg:pypi/some-thing@2.0",
        "pkg:pypi/talker@3.0",
    ]


def test_it_is_about_the_service(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = bill(build, capsys)
    subject = document["metadata"]["component"]
    assert (subject["type"], subject["name"], subject["version"]) == (
        "application",
        "pricing-fdm",
        "0.1.0",
    )
    assert document["metadata"]["timestamp"] == "2026-11-22T00:00:00Z"
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")


def test_licences_are_told_where_they_have_a_name(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A licence's whole text in place of a name helps nobody."""
    told = {each["name"]: each.get("licenses") for each in bill(build, capsys)["components"]}
    assert told["some-thing"] == [{"license": {"name": "MIT"}}]
    assert told["three"] == [{"expression": "MIT"}]
    assert told["talker"] is told["silent"] is None


def test_debian_packages_name_their_source(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The advisories are about source packages."""
    [package] = [each for each in bill(build, capsys)["components"] if "properties" in each]
    assert {each["name"]: each["value"] for each in package["properties"]} == {
        "debian:source": "example",
        "debian:source-version": "1.2-3",
    }


def test_orca_is_told_with_its_hash_and_its_source(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its licence, the AGPL, asks for the pointer."""
    [orca] = [each for each in bill(build, capsys, "orca")["components"] if "hashes" in each]
    assert orca["purl"] == "pkg:github/OrcaSlicer/OrcaSlicer@v2.3.1"
    assert len(orca["hashes"][0]["content"]) == 64
    assert orca["externalReferences"][0]["url"].endswith("/tree/v2.3.1")


def test_a_stand_in_is_not_told_as_orca(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = bill(build, capsys, "stand-in")
    assert all("OrcaSlicer" not in each["name"] for each in document["components"])
    assert document["metadata"]["properties"] == [
        {"name": "pricing-fdm:slicer", "value": "stand-in"}
    ]


def test_the_same_content_gives_the_same_bytes(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And other content another serial number."""
    first, again = bill(build, capsys), bill(build, capsys)
    assert first == again
    (build / "status.d/libexample1").write_text(DEBIAN.replace("1.2-3+b1", "1.2-4"))
    assert bill(build, capsys)["serialNumber"] != first["serialNumber"]


def test_every_component_is_referred_to_once(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = bill(build, capsys, "orca")
    references = [each["bom-ref"] for each in document["components"]]
    assert len(set(references)) == len(references)
    assert document["dependencies"][0]["dependsOn"] == references
