"""What the image is: locked down, nothing in it but what runs, papers complete."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from e2e.containers import Container, Image, engine, published, run_once
from tests.harness.origin import Origin
from tests.harness.service import order
from tests.harness.waiting import wait_until

UNWANTED = (
    *("apt", "apt-get", "dpkg", "pip", "pip3", "ensurepip", "npm", "node", "uv"),
    *("gcc", "g++", "cc", "c++", "clang", "ld", "as", "make", "cmake", "perl"),
    *("curl", "wget", "nc", "ssh", "su", "sudo", "passwd", "mount", "newuidmap"),
)
_SURVEY = f"""
import json, os, shutil, stat
special, open_files, named = [], [], []
for folder, inside, files in os.walk("/"):
    if folder in ("/proc", "/sys", "/dev"):
        inside.clear()
        continue
    for name in files + inside:
        path = os.path.join(folder, name)
        found = os.lstat(path)
        if stat.S_ISREG(found.st_mode) and found.st_mode & 0o6000:
            special.append(path)
        if stat.S_ISREG(found.st_mode) and found.st_mode & 0o002:
            open_files.append(path)
        if name in {UNWANTED!r} and found.st_mode & 0o111 and not stat.S_ISDIR(found.st_mode):
            named.append(path)
share = "/usr/share"
print(json.dumps({{
    "special": special, "open": open_files, "unwanted": named,
    "sbom": json.load(open(share + "/pricing-fdm/sbom.cdx.json")),
    "notice": open(share + "/doc/pricing-fdm/NOTICE.md").read(),
    "license": open(share + "/doc/pricing-fdm/LICENSE").read()[:200],
}}))
"""


@pytest.fixture(scope="module")
def survey(image: Image) -> dict[str, Any]:
    """What root finds in the image's files."""
    found: dict[str, Any] = json.loads(run_once(image.name, _SURVEY, "--user=0"))
    return found


def test_no_file_lends_privileges_g2(survey: dict[str, Any]) -> None:
    """G2: no setuid or setgid file, none that everybody may write to."""
    assert survey["special"] == []
    assert survey["open"] == []


def test_there_is_no_compiler_and_no_package_manager_g3(survey: dict[str, Any]) -> None:
    """G3: whoever gets in finds no tools."""
    assert survey["unwanted"] == []


def test_the_bill_of_materials_is_there(survey: dict[str, Any], image: Image) -> None:
    """CycloneDX, made at build: our package, its dependencies, the system, the slicer."""
    bill = survey["sbom"]
    assert bill["bomFormat"] == "CycloneDX"
    names = {component["name"].lower() for component in bill["components"]}
    assert {"starlette", "numpy", "pydantic", "libc6"} <= names
    properties = {one["name"]: one["value"] for one in bill["metadata"].get("properties", [])}
    is_stand_in = properties.get("pricing-fdm:slicer") == "stand-in"
    assert is_stand_in or any(image.engine in name for name in names)
    assert all(component.get("version") for component in bill["components"])


def test_the_slicers_licence_and_source_are_named_g8(survey: dict[str, Any]) -> None:
    """G8: AGPL-3.0 wants the source offered to whoever gets the program."""
    assert "AGPL-3.0" in survey["notice"]
    assert re.search(r"https://github\.com/(OrcaSlicer|SoftFever|prusa3d)/", survey["notice"])
    assert "Apache License" in survey["license"]


def test_the_image_says_what_it_is(image: Image) -> None:
    """Labels, a numeric user, the signal that drains, a health check without curl."""
    config = image.config()
    labels = config["Labels"]
    for name in ("title", "description", "licenses", "version", "revision", "created"):
        assert labels[f"org.opencontainers.image.{name}"], name
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", config["User"])
    assert config["StopSignal"] in {"SIGTERM", "15"}
    assert config["Healthcheck"]["Test"] == ["CMD", "pricing-fdm", "health"]
    variables = dict(variable.split("=", 1) for variable in config["Env"])
    assert variables["SLICER"] == image.engine
    assert not [name for name in variables if re.search("TOKEN|SECRET|PASSWORD|KEY", name)]


def test_it_runs_as_a_user_without_rights_on_a_root_that_is_read_only_g1(
    service: Container,
) -> None:
    """G1: the flags hold: no capability, no new privileges, seccomp, nothing to write to."""
    [one] = [one for one in service.processes() if "serve" in one["command"] and one["pid"] != 1]
    status = dict(
        line.split(":", 1)
        for line in service.python(f"print(open('/proc/{one['pid']}/status').read())").splitlines()
        if ":" in line
    )
    assert set(status["Uid"].split()) == {"10001"}
    assert set(status["Gid"].split()) == {"10001"}
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"
    writable = service.python(
        "import json, os\n"
        "found = []\n"
        "for folder in ('/', '/usr', '/etc', '/opt', '/var/tmp', '/home', '/root', '/uploads'):\n"
        "    try: open(folder + '/e2e', 'w')\n"
        "    except OSError: continue\n"
        "    found.append(folder)\n"
        "print(json.dumps(found))"
    )
    assert json.loads(writable) == []


def test_the_health_check_works(service: Container) -> None:
    """As the engine runs it, and it fails where nobody answers."""
    check = "import subprocess; print(subprocess.run(['pricing-fdm', 'health', *{}]).returncode)"
    assert service.python(check.format([])).split()[-1] == "0"
    assert service.python(check.format(["http://127.0.0.1:9"])).split()[-1] == "1"
    if engine("--version").stdout.startswith("podman"):
        assert engine("healthcheck", "run", service.name).returncode == 0
    else:
        state = "--format={{.State.Health.Status}}"
        wait_until(lambda: "healthy" in engine("inspect", state, service.name).stdout, 60)


def test_the_installation_examines_itself(service: Container) -> None:
    """`pricing-fdm check` in the running container."""
    done = engine("exec", service.name, "pricing-fdm", "check", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert engine("exec", service.name, "pricing-fdm", "shop", "check").returncode == 0


def test_the_first_process_reaps_orphans_g4(service: Container) -> None:
    """G4: a hundred that lost their parent leave no zombie."""
    service.python(
        "import os\n"
        "for _ in range(100):\n"
        "    if os.fork() == 0:\n"
        "        if os.fork() == 0: os.read(os.open('/dev/zero', 0), 1)\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
    )
    wait_until(lambda: not [one for one in service.processes() if one["state"] == "Z"])


def test_out_of_the_box_it_is_ready_and_trusts_nobody_a5(
    image: Image, origin: Origin, trap: Origin
) -> None:
    """A5: no setting at all, its port published: ready, and no private address is fetched from."""
    with published(image) as container:
        container.wait_until_ready()
        assert container.get("/health").text == "OK"
        for url in (origin.url("cube.stl"), trap.url("x"), "https://10.0.2.2/x", "https://[::1]/x"):
            answer = container.post(order(url))
            assert (answer.status_code, answer.json()["code"]) == (400, "source_refused")
        assert "fetch_policy_caution" in container.said()


def test_the_page_is_in_the_image(image: Image) -> None:
    """The queue mode serves it; `make web` made it, and no registry is asked at run time."""
    found = run_once(
        image.name,
        "import pathlib, pricing_fdm;"
        "page = pathlib.Path(pricing_fdm.__file__).parent / 'page';"
        "print((page / 'index.html').read_text())",
    )
    assert "<html" in found
    assert not re.search(r"(src|href)=[\"']https?://", found)
