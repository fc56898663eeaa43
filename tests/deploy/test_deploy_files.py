"""The files of a deployment fit the program: names, ports, paths, limits.

Neither Docker nor Kubernetes runs here. `docker compose config`, `docker compose up` and
`kubectl apply --dry-run=server -k deploy/k8s` say what only they can know.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from pricing_fdm.jobs.record import Outcome
from pricing_fdm.settings import GROUPS
from pricing_fdm.telemetry.gateway_metrics import add_gateway_metrics
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.web.paths import HEALTH_PATH, METRICS_PATH, READY_PATH
from pricing_fdm.web.problems import STATUS
from tests.deploy.deploy_files import (
    DEPLOY,
    ROOT,
    YAML_FILES,
    compose,
    config_map,
    dashboard,
    documents,
    kubernetes,
    pods,
    queries,
    workloads,
)
from tests.telemetry.scraped import service_metrics

SETTINGS = {name.upper() for group in GROUPS.values() for name in group.model_fields}
FOREIGN = ("AWS_", "GF_")
SECRETS = {
    name.upper()
    for group in GROUPS.values()
    for name, field in group.model_fields.items()
    if "SecretStr" in str(field.annotation)
}
SERVICES: dict[str, Any] = compose()["services"]
OUR_IMAGE = "${IMAGE:-pricing-fdm:latest}"
OURS = {name for name, service in SERVICES.items() if service["image"] == OUR_IMAGE}
# What the head of compose.yaml names beside settings: which image, where, how much.
CHOICES = {"IMAGE", "PUBLISH", "MEMORY_LIMIT", "TMP_SIZE"}
# Those of our files that docker-compose 1.29.2 has in its schema, `compose_spec.json`.
COMPOSE_1_29 = {
    *("cap_drop", "command", "cpu_shares", "depends_on", "environment", "healthcheck", "image"),
    *("logging", "mem_limit", "memswap_limit", "networks", "pids_limit", "ports", "profiles"),
    *("pull_policy", "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs"),
    *("user", "volumes"),
}
CONTAINERS = {
    f"{pod}/{container['name']}": container
    for pod, spec in pods()
    for container in spec["containers"]
}
PODS = dict(pods())


def settings_of(name: str) -> dict[str, str]:
    environment: dict[str, str] = SERVICES[name].get("environment", {})
    return environment


def families() -> dict[str, str]:
    """The type of every metric that a worker or a gateway tells."""
    metrics = service_metrics()
    JobMetrics(metrics.registry, Outcome)
    add_gateway_metrics(
        metrics.registry,
        workers=lambda: 0,
        event_streams=lambda: 0,
        uploads=lambda: 0,
        upload_store_bytes=lambda: 0,
    )
    registry: CollectorRegistry = metrics.registry
    return {family.name: family.type for family in registry.collect()}


def series() -> set[str]:
    """Every name that a query may use."""
    endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    return {
        name + ending for name, kind in families().items() for ending in endings.get(kind, [""])
    }


def seconds(duration: str) -> int:
    assert duration.endswith("s"), duration
    return int(duration.removesuffix("s"))


@pytest.mark.parametrize("path", YAML_FILES, ids=[str(p.relative_to(ROOT)) for p in YAML_FILES])
def test_every_file_is_yaml(path: Path) -> None:
    """A slip of indentation would be found by the operator, at night."""
    assert documents(path)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_compose_sets_known_variables_only(name: str) -> None:
    """A misspelt setting is silently the default."""
    unknown = {key for key in settings_of(name) if key not in SETTINGS}
    assert {key for key in unknown if not key.startswith(FOREIGN)} == set()


def test_compose_1_29_knows_every_key() -> None:
    """It refuses a whole file for one key that came later, such as `name`."""
    assert {key for key in compose() if not key.startswith("x-")} <= {
        "services",
        "networks",
        "volumes",
    }
    for service in SERVICES.values():
        assert set(service) <= COMPOSE_1_29


def test_the_metrics_are_not_on_the_port_of_prometheus_itself() -> None:
    """On a server that runs both, whichever starts second would not start."""
    units = [DEPLOY / "systemd" / name for name in ("pricing-fdm.service", "pricing-fdm.container")]
    ports = {port for unit in units for port in re.findall(r"METRICS_PORT=(\d+)", unit.read_text())}
    ports |= {settings_of(name)["METRICS_PORT"] for name in OURS} | {config_map()["METRICS_PORT"]}
    assert ports == {"8084"}
    assert "PublishPort=127.0.0.1:8084:8084" in units[1].read_text().splitlines()


def test_compose_asks_the_shell_for_known_variables_only() -> None:
    """What `.env` may set is named in the file's head."""
    text = (ROOT / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+)", text))
    head = text.partition("\nx-hardened:")[0]
    assert asked <= SETTINGS | CHOICES
    assert {name for name in asked if name not in head} == set()


@pytest.mark.parametrize("name", sorted(PODS))
def test_kubernetes_sets_known_variables_only(name: str) -> None:
    """As for compose."""
    named = {
        variable["name"]
        for container in PODS[name]["containers"]
        for variable in container.get("env", [])
    }
    assert {key for key in named | set(config_map()) if not key.startswith("AWS_")} <= SETTINGS


def test_no_secret_stands_in_a_file() -> None:
    """They come from the shell, from `.env`, or from a Secret that the operator makes."""
    for name in OURS:
        for secret in SECRETS & set(settings_of(name)):
            value = settings_of(name)[secret]
            assert value.startswith("${") or value == "redis://redis:6379/0"
    assert SECRETS & set(config_map()) == {"REDIS_URL"}
    assert "@" not in config_map()["REDIS_URL"]
    assert kubernetes("Secret") == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_shut_in(name: str) -> None:
    """Most of all those that read strangers' files."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["user"].split(":")[0] not in {"", "0", "root"}
    assert not service.get("privileged")
    assert service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_every_container_is_shut_in(name: str) -> None:
    """The level `restricted` of the Pod Security Standards, and a read-only root beside it."""
    container, pod = CONTAINERS[name], PODS[name.partition("/")[0]]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False  # a Service could overwrite a setting of ours
    assert container["resources"]["limits"]["memory"]
    assert container["resources"]["requests"]["cpu"]


def test_images_of_others_are_pinned_to_a_version_and_its_digest() -> None:
    """Break-in 12: another upload under the same tag changes nothing here."""
    images = {service["image"] for service in SERVICES.values()}
    images |= {container["image"] for container in CONTAINERS.values()}
    foreign = {image for image in images if "pricing-fdm" not in image}
    pinned = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}")
    assert all(pinned.fullmatch(image) for image in foreign), images
    assert images - foreign == {"pricing-fdm", OUR_IMAGE}
    base = re.search(r"^ARG BASE_IMAGE=(\S+)", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    assert base is not None
    assert re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", base[1])


def test_redis_is_the_same_release_everywhere_and_without_known_advisories() -> None:
    """Break-in 12: 7.2.16 is the first of its line without CVE-2026-81934 and those before it."""
    named = {SERVICES["redis"]["image"], CONTAINERS["redis/redis"]["image"]}
    [image] = named
    release = re.match(r"redis:(\d+)\.(\d+)\.(\d+)-", image)
    assert release is not None
    assert tuple(map(int, release.groups())) >= (7, 2, 16)


def test_redis_is_reached_by_nobody_else_and_loses_nothing() -> None:
    """No port on the machine, no way out; a file of changes, and no eviction of jobs."""
    service, networks = SERVICES["redis"], compose()["networks"]
    assert "ports" not in service
    assert [networks[name]["internal"] for name in service["networks"]] == [True]
    in_pod = CONTAINERS["redis/redis"]["args"]
    for arguments in (service["command"], in_pod):
        given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
        assert given["--appendonly"] == "yes"
        assert given["--appendfsync"] == "always"
        assert given["--maxmemory-policy"] == "noeviction"


def test_compose_runs_the_queue_mode_by_itself() -> None:
    """`docker compose up`, and nothing to choose; the rest is asked for by name."""
    unasked = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert unasked == {"gateway", "worker", "redis"}
    assert "container_name" not in SERVICES["worker"]  # or there could be one only
    assert "ports" not in SERVICES["worker"]
    assert settings_of("gateway")["GATEWAY_ONLY"] == "true"


@pytest.mark.parametrize("name", ["gateway", "worker"])
def test_both_sides_of_the_queue_share_it_and_the_uploads(name: str) -> None:
    """A worker that looks elsewhere fails every upload; one with another shop has other prices."""
    for variable in ("REDIS_URL", "OBJECT_STORE_URL", "SHOP_VERSIONS", "CALLBACK_SECRET"):
        assert settings_of(name)[variable] == settings_of("gateway")[variable]
    assert settings_of(name)["SHOP_VERSIONS"] == config_map()["SHOP_VERSIONS"] == "store"
    assert "uploads:/uploads" in SERVICES[name]["volumes"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_compose_waits_longer_than_the_program_takes_to_leave(name: str) -> None:
    """Otherwise the end of every deployment is a `kill -9`."""
    environment = settings_of(name)
    leave_s = int(environment["DRAIN_PAUSE_SECS"]) + int(environment["DRAIN_GRACE_SECS"])
    assert seconds(SERVICES[name]["stop_grace_period"]) > leave_s


@pytest.mark.parametrize("name", ["gateway", "worker"])
def test_kubernetes_waits_longer_than_the_program_takes_to_leave(name: str) -> None:
    """As for compose."""
    settings = config_map()
    leave_s = int(settings["DRAIN_PAUSE_SECS"]) + int(settings["DRAIN_GRACE_SECS"])
    assert PODS[name]["terminationGracePeriodSeconds"] > leave_s


@pytest.mark.parametrize("name", sorted(OURS))
def test_compose_asks_the_program_how_it_is(name: str) -> None:
    """At a port that it listens on: a worker has that of its metrics only."""
    check = SERVICES[name]["healthcheck"]["test"]
    port = settings_of(name)["METRICS_PORT"] if name == "worker" else "8083"
    assert check == ["CMD", "pricing-fdm", "health", f"http://127.0.0.1:{port}"]
    assert SERVICES[name]["command"] in (["serve"], ["worker"])
    assert "entrypoint" not in SERVICES[name]  # the image's own begins with tini
    assert "init" not in SERVICES[name]


@pytest.mark.parametrize("name", ["gateway", "worker"])
def test_probes_ask_for_paths_and_ports_that_are_there(name: str) -> None:
    """A wrong path restarts a healthy pod for ever."""
    container = CONTAINERS[f"{name}/{name}"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    default = GROUPS["server"].model_fields["pricing_fdm_port"].default
    assert ports["metrics"] == int(config_map()["METRICS_PORT"])
    assert ports.get("http", default) == default
    asked = {
        probe: (container[probe]["httpGet"]["path"], container[probe]["httpGet"]["port"])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        if probe in container
    }
    alive = (HEALTH_PATH, "http") if name == "gateway" else (METRICS_PATH, "metrics")
    ready = {"readinessProbe": (READY_PATH, "http")} if name == "gateway" else {}
    assert asked == {"startupProbe": alive, "livenessProbe": alive, **ready}


def test_scrapes_go_to_services_and_ports_that_are_there() -> None:
    """A dashboard without data looks like a quiet day."""
    [settings] = documents(DEPLOY / "prometheus/prometheus.yml")
    for job in settings["scrape_configs"]:
        [found] = job["dns_sd_configs"]
        assert found["names"] == [job["job_name"]]
        assert str(found["port"]) == settings_of(job["job_name"])["METRICS_PORT"]
    assert [(DEPLOY / "prometheus" / name).exists() for name in settings["rule_files"]] == [True]


def test_grafana_finds_what_it_is_given() -> None:
    """Folders and the name of the data source stand in three places."""
    [source] = documents(DEPLOY / "grafana/provisioning/datasources/prometheus.yml")
    [provider] = documents(DEPLOY / "grafana/provisioning/dashboards/pricing-fdm.yml")
    folder = provider["providers"][0]["options"]["path"]
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    assert folder in mounts.values()
    assert all((ROOT / place).is_dir() for place in mounts)
    home = settings_of("grafana")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{folder}/pricing-fdm.json"
    used = {panel["datasource"]["uid"] for panel in dashboard()["panels"]}
    assert used == {source["datasources"][0]["uid"]}


@pytest.mark.parametrize("query", sorted(set(queries())))
def test_every_query_asks_for_metrics_that_we_tell(query: str) -> None:
    """A renamed metric must not silence an alert."""
    named = set(re.findall(r"\bpricing_fdm_\w+", query))
    assert named or query.startswith("up{")
    assert named <= series()
    assert query.count("(") == query.count(")")


@pytest.mark.parametrize("query", sorted(q for q in set(queries()) if "{" in q))
def test_every_query_asks_for_labels_that_we_tell(query: str) -> None:
    """The same for the values of labels."""
    known: dict[str, set[str]] = {
        "outcome": set(Outcome),
        "error_type": {kind.code for kind in STATUS},
        "level": {"bwrap", "landlock", "none"},
        "verdict": {"ok"},
        "job": {"gateway", "worker", "pricing"},
    }
    for label, value in re.findall(r'(\w+)[!=]=?~?"([^"]*)"', query):
        assert set(value.split("|")) <= known[label]


def test_panels_do_not_overlap() -> None:
    """Grafana would move them about."""
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_kustomizations_name_files_that_are_there() -> None:
    """And every object is in one of them."""
    for path in (DEPLOY / "k8s").rglob("kustomization.yaml"):
        [document] = documents(path)
        others = {file.name for file in path.parent.glob("*.yaml")} - {path.name}
        assert set(document["resources"]) == others


def test_every_selector_finds_its_pods() -> None:
    """A policy or a budget that selects nobody says nothing."""
    labels = {
        workload["metadata"]["name"]: workload["spec"]["template"]["metadata"]["labels"]
        for workload in workloads()
    }
    component = "app.kubernetes.io/component"
    assert {name: found[component] for name, found in labels.items()} == {
        name: name for name in labels
    }
    for kind in ("Service", "PodDisruptionBudget", "NetworkPolicy"):
        for selected in re.findall(rf"'{component}': '(\w+)'", str(kubernetes(kind))):
            assert selected in labels
    for scaled in kubernetes("ScaledObject"):
        assert scaled["spec"]["scaleTargetRef"]["name"] in labels


def test_pods_reach_what_they_need_and_no_private_network() -> None:
    """Whoever takes a worker over must not find the cluster's inside, or the cloud's metadata."""
    policies = {
        policy["metadata"]["name"]: policy["spec"] for policy in kubernetes("NetworkPolicy")
    }
    nothing = policies["nothing"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    [rule] = policies["to-public-https"]["egress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 443}]
    closed = set(rule["to"][0]["ipBlock"]["except"])
    assert closed >= {
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
    }
    ways_out = {name for name, spec in policies.items() if spec.get("egress")}
    assert ways_out == {"names", "to-redis", "to-public-https", "to-store"}


def test_the_uploads_only_fleet_has_no_way_to_the_internet() -> None:
    """The component takes the workers out of the only policy that opens public addresses."""
    [component] = documents(DEPLOY / "k8s/components/uploads-only/kustomization.yaml")
    [patch] = component["patches"]
    assert patch["target"] == {"kind": "NetworkPolicy", "name": "to-public-https"}
    assert "component: gateway" in patch["patch"]
    assert "worker" not in patch["patch"]
