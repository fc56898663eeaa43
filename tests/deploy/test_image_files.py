"""The image, and what runs it under systemd, fit the program and the other files of a deployment.

No image is built here: `make image && make e2e` does that.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pricing_fdm.sandbox.limits import limiting_prefix
from pricing_fdm.sandbox.process import Limits
from pricing_fdm.settings import GROUPS
from tests.deploy.deploy_files import (
    CONTAINERFILE,
    DEPLOY,
    QUADLET,
    ROOT,
    UNIT,
    compose,
    instructions,
    kubernetes,
    unit,
)

SETTINGS = {name.upper() for group in GROUPS.values() for name in group.model_fields}
LISTS = sorted((DEPLOY / "image").glob("*.files"))
SYSTEM = (DEPLOY / "image/system.files").read_text().splitlines()
# Of a slicer's address space, what it maps and never uses; and what the service itself takes.
UNUSED_MB, SERVICE_MB = 400, 128
UNITS = pytest.mark.parametrize("path", [QUADLET, UNIT], ids=["quadlet", "service"])


def variables(stage: str) -> dict[str, str]:
    """What a stage puts into the environment."""
    words = [shlex.split(line)[1:] for line in instructions(stage) if line.startswith("ENV ")]
    return dict(word.split("=", 1) for line in words for word in line)


def values(stage: str, instruction: str) -> list[str]:
    found = [line.split(" ", 1) for line in instructions(stage)]
    return [rest[0] for name, *rest in found if name == instruction]


def environment(path: Path) -> dict[str, str]:
    keys = unit(path)
    section = "Container" if path == QUADLET else "Service"
    return dict(value.split("=", 1) for value in keys[f"{section}.Environment"])


def seconds(environment: dict[str, str]) -> int:
    return int(environment["DRAIN_PAUSE_SECS"]) + int(environment["DRAIN_GRACE_SECS"])


def megabytes(size: str) -> float:
    number, suffix = re.fullmatch(r"(\d+)([kmgKMG])", size).groups()  # type: ignore[union-attr]
    return int(number) * {"k": 1 / 1024, "m": 1, "g": 1024}[suffix.lower()]


def needed_mb(told: dict[str, str]) -> int:
    """Memory of the service and its slices, by the sum in docs/deploy.md."""
    slices = int(told["SLICE_CONCURRENCY"])
    return SERVICE_MB + slices * (int(told["SLICE_MEMORY_MB"]) - UNUSED_MB)


def test_every_base_is_pinned() -> None:
    """The registry's by a digest; all else is made in this file."""
    text = CONTAINERFILE.read_text()
    [base] = re.findall(r"^ARG BASE_IMAGE=(\S+)$", text, re.MULTILINE)
    assert re.fullmatch(r"docker\.io/library/debian:trixie-slim@sha256:[0-9a-f]{64}", base)
    froms = re.findall(r"^FROM (\S+) AS (\S+)$", text, re.MULTILINE)
    stages = {name for _, name in froms}
    foreign = {base for base, _ in froms} - stages
    assert foreign == {"${BASE_IMAGE}", "scratch"}
    assert froms[-1][1] == "orca"  # the default target


def test_python_packages_come_from_locks_with_their_hashes() -> None:
    """And as wheels: a source archive would run its own code."""
    [run] = [line for line in instructions("dependencies") if "pip install" in line]
    uv, *rest = re.findall(r"\S*(?:pip install|\$install) .*?(/build/\S+\.lock)", run)
    assert uv == "/build/requirements-uv.lock"
    assert rest == ["/build/requirements-build.lock", "/build/requirements.lock"]
    # By pip, and by uv in `$install`.
    assert run.count("--require-hashes --only-binary :all:") == 2
    [own] = [line for line in instructions("package") if "hatchling build" in line]
    assert "pip install" not in own.replace("--no-index", "")
    assert "install --quiet --no-index" in own


def test_the_user_is_a_number_everywhere_the_same() -> None:
    """`runAsNonRoot` can verify a number only."""
    assert values("service", "USER") == ["10001:10001"]
    assert "COPY --from=system --chown=10001:10001 /owned /" in instructions("service")
    passwd = (DEPLOY / "image/etc/passwd").read_text()
    assert "pricing-fdm:x:10001:10001:" in passwd
    ours = [each for each in compose()["services"].values() if "pricing-fdm" in each["image"]]
    assert {each["user"] for each in ours} == {"10001:10001"}
    pods = [each["spec"]["template"]["spec"] for each in kubernetes("Deployment")]
    assert {each["securityContext"]["runAsUser"] for each in pods} == {10001}
    keys = unit(QUADLET)
    assert keys["Container.User"] == keys["Container.Group"] == ["10001"]


def test_process_1_reaps_and_hands_signals_on() -> None:
    """Others start it by its arguments alone, so that it stays so."""
    assert values("service", "ENTRYPOINT") == ['["/usr/bin/tini", "--", "pricing-fdm"]']
    assert values("service", "CMD") == ['["serve"]']
    assert values("service", "STOPSIGNAL") == ["SIGTERM"]
    for workload in kubernetes("Deployment"):
        for container in workload["spec"]["template"]["spec"]["containers"]:
            assert "command" not in container
            assert container["args"] in (["serve"], ["worker"])
    assert unit(QUADLET)["Container.Exec"] == ["serve"]


def test_the_image_listens_where_it_says() -> None:
    port = GROUPS["server"].model_fields["pricing_fdm_port"].default
    assert values("service", "EXPOSE") == [str(port)]
    [check] = values("service", "HEALTHCHECK")
    assert check.endswith('CMD ["pricing-fdm", "health"]')
    assert f"127.0.0.1:{port}:{port}" in unit(QUADLET)["Container.PublishPort"]
    assert unit(QUADLET)["Container.HealthCmd"] == ["pricing-fdm health"]


@pytest.mark.parametrize("engine", ["orca", "prusa"])
def test_each_image_insists_on_its_slicer(engine: str) -> None:
    """`auto` would take another one for a broken one, at other prices."""
    told = variables(engine)
    assert told["SLICER"] == engine
    assert set(told) <= SETTINGS


def test_no_secret_can_get_into_a_layer() -> None:
    """What the build is lent is mounted; and the context is a list of what is needed."""
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert next(line for line in ignored if line and not line.startswith("#")) == "*"
    for line in CONTAINERFILE.read_text().splitlines():
        assert not re.match(r"(ARG|ENV) .*(TOKEN|SECRET|KEY|PASSWORD)", line)


def test_the_context_holds_what_the_stages_copy() -> None:
    """A file that is not let in is missing in the build only."""
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".containerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE.read_text(), re.MULTILINE)
    for path in " ".join(copied).split():
        above = [str(each) for each in (Path(path), *Path(path).parents)]
        assert let_in & {each.replace("[e]", "e") for each in above}, path
        assert "orca.AppImag" in path or (ROOT / path).exists(), path


def test_the_image_has_what_starts_a_caged_program() -> None:
    """A tool that is missing is missed only when the first quote comes."""
    prefix = limiting_prefix(Limits(1, 1, 1, 1, cores=frozenset({0}), fixed_addresses=True))
    needed = {Path(word).name for word in prefix if word.startswith("/")}
    needed |= {"bwrap", "env", "python3", "sh", "stdbuf", "tini", "true"}
    assert needed <= {Path(line).name for line in SYSTEM if line.startswith("/")}


@pytest.mark.parametrize("path", LISTS, ids=[path.stem for path in LISTS])
def test_no_list_names_what_an_image_must_not_have(path: Path) -> None:
    """No compiler, no package manager, nothing that gives privileges."""
    forbidden = {"apt", "dpkg", "gcc", "cc", "make", "pip", "su", "mount", "sudo", "perl", "curl"}
    wanted = [line for line in path.read_text().splitlines() if line.startswith(("/", "package"))]
    assert not forbidden & {Path(line.split()[-1]).name for line in wanted}
    assert all(re.match(r"(#|/|! |package |libraries |$)", line) for line in SYSTEM)


def test_the_notice_names_the_version_that_is_pinned() -> None:
    """The source that it points to must be that of the program beside it."""
    pins = (ROOT / "scripts/install-slicer").read_text()
    [version] = re.findall(r"^readonly version=(\S+)$", pins, re.MULTILINE)
    notice = (DEPLOY / "image/NOTICE.md").read_text()
    assert f"OrcaSlicer {version}" in notice
    assert f"v{version}" in notice
    assert "AGPL-3.0" in notice


@UNITS
def test_units_set_known_variables_only(path: Path) -> None:
    """A misspelt setting is silently the default."""
    assert set(environment(path)) <= SETTINGS


@UNITS
def test_units_wait_longer_than_the_program_takes_to_leave(path: Path) -> None:
    """Podman's own patience ends before systemd's."""
    keys, leave_s = unit(path), seconds(environment(path))
    [stop_s] = [int(value) for value in keys["Service.TimeoutStopSec"]]
    assert stop_s > leave_s
    if path == QUADLET:
        [podmans] = re.findall(r"--stop-timeout=(\d+)", " ".join(keys["Container.PodmanArgs"]))
        assert leave_s < int(podmans) < stop_s


@UNITS
def test_units_give_no_more_memory_than_a_small_server_has(path: Path) -> None:
    """Service, slices and the folder of the work; a slice that swaps helps nobody."""
    keys, told = unit(path), environment(path)
    if path == QUADLET:
        arguments = " ".join(keys["Container.PodmanArgs"])
        [limit, with_swap] = re.findall(r"--memory(?:-swap)?=(\w+)", arguments)
        assert limit == with_swap
        work = re.findall(r"size=(\w+)", keys["Container.Tmpfs"][0])[0]
        assert megabytes(limit) >= needed_mb(told) + megabytes(work)
    else:
        [limit] = keys["Service.MemoryMax"]
        assert keys["Service.MemorySwapMax"] == ["0"]
        assert megabytes(limit) >= needed_mb(told)
    assert megabytes(limit) <= 1700


def test_the_quadlet_shuts_the_service_in() -> None:
    """As compose does."""
    keys = unit(QUADLET)
    assert keys["Container.ReadOnly"] == ["true"]
    assert keys["Container.ReadOnlyTmpfs"] == ["false"]
    assert keys["Container.DropCapability"] == ["all"]
    assert keys["Container.NoNewPrivileges"] == ["true"]
    assert keys["Container.PidsLimit"] == ["256"]
    assert all(port.startswith("127.0.0.1:") for port in keys["Container.PublishPort"])


def test_the_plain_unit_leaves_the_sandbox_what_it_needs() -> None:
    """These would make `SANDBOX=required` unmeetable, or figures differ between runs."""
    keys = unit(UNIT)
    for spoiling in ("RestrictNamespaces", "ProtectKernelTunables", "LockPersonality"):
        assert f"Service.{spoiling}" not in keys
    assert environment(UNIT)["SANDBOX"] == "required"
    assert keys["Service.OOMPolicy"] == ["continue"]
    assert keys["Service.DynamicUser"] == ["yes"]


def test_the_small_servers_figures_are_the_same_everywhere() -> None:
    """docs/deploy.md explains one set of them."""
    guide = (ROOT / "docs/deploy.md").read_text()
    quadlet, plain = environment(QUADLET), environment(UNIT)
    for name in ("SLICE_CONCURRENCY", "SLICE_MEMORY_MB", "SLICE_OUTPUT_MB"):
        assert quadlet[name] == plain[name]
        assert f"{name}={quadlet[name]}" in guide
    [limit] = re.findall(r"--memory=(\w+)", " ".join(unit(QUADLET)["Container.PodmanArgs"]))
    assert f"MEMORY_LIMIT={limit}" in guide
    [work] = re.findall(r"size=(\w+)", unit(QUADLET)["Container.Tmpfs"][0])
    assert f"TMP_SIZE={work}" in guide


def test_compose_gives_the_one_service_room_for_its_slices() -> None:
    """The defaults in the file; a smaller machine sets its own."""
    service = compose()["services"]["pricing"]
    asked = str(service)
    default = dict(re.findall(r"\$\{(\w+):-(\w+)\}", asked))
    needed = needed_mb(default) + megabytes(default["TMP_SIZE"])
    assert megabytes(default["MEMORY_LIMIT"]) >= needed
    assert service["memswap_limit"] == service["mem_limit"]
