"""Reads the files of a deployment: every document, every container, every name of a variable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "compose.yaml"
CONTAINERFILE = ROOT / "Containerfile"
QUADLET = DEPLOY / "systemd/pricing-fdm.container"
UNIT = DEPLOY / "systemd/pricing-fdm.service"
YAML_FILES = [COMPOSE, *sorted(DEPLOY.rglob("*.y*ml"))]

Document = dict[str, Any]


def documents(path: Path) -> list[Document]:
    """What is in a file of YAML."""
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def compose() -> Document:
    """The compose file."""
    [document] = documents(COMPOSE)
    return document


def kubernetes(kind: str) -> list[Document]:
    """All objects of a kind, also those of the components."""
    files = sorted((DEPLOY / "k8s").rglob("*.yaml"))
    return [document for path in files for document in documents(path) if document["kind"] == kind]


def workloads() -> list[Document]:
    """What runs pods."""
    return kubernetes("Deployment") + kubernetes("StatefulSet")


def pods() -> Iterator[tuple[str, Document]]:
    """Name and specification of each kind of pod."""
    for workload in workloads():
        yield workload["metadata"]["name"], workload["spec"]["template"]["spec"]


def unit(path: Path) -> dict[str, list[str]]:
    """The keys of a systemd unit as `Section.Key`, with all their values."""
    keys: dict[str, list[str]] = {}
    section = ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            keys.setdefault(f"{section}.{key}", []).append(value)
    return keys


def instructions(stage: str) -> list[str]:
    """The instructions of one stage of the Containerfile, each in one line."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    stages = [index for index, line in enumerate(lines) if line.startswith("FROM ")]
    for start, end in zip(stages, [*stages[1:], len(lines)], strict=True):
        if lines[start].endswith(f" AS {stage}"):
            return [line for line in lines[start:end] if line]
    raise AssertionError(f"there is no stage {stage}")


def dashboard() -> Document:
    """The dashboard."""
    text = (DEPLOY / "grafana/dashboards/pricing-fdm.json").read_text()
    parsed: Document = json.loads(text)
    return parsed


def queries() -> list[str]:
    """Everything that is asked of Prometheus: by the dashboard, the alerts, the autoscaler."""
    [alerts] = documents(DEPLOY / "prometheus/alerts.yml")
    [scaled] = kubernetes("ScaledObject")
    return [
        *(target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]),
        *(rule["expr"] for group in alerts["groups"] for rule in group["rules"]),
        *(trigger["metadata"]["query"] for trigger in scaled["spec"]["triggers"]),
    ]


def config_map() -> dict[str, str]:
    """The settings that every pod of ours gets."""
    [kustomization] = documents(DEPLOY / "k8s/kustomization.yaml")
    [generated] = kustomization["configMapGenerator"]
    return dict(literal.split("=", 1) for literal in generated["literals"])
