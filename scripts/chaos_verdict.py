"""The verdict of `scripts/chaos.py`: what must be there when all is over, and what must not."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import redis

from scripts.chaos_evidence import Keys, Ledger, look_at_keys, read_ledger
from scripts.chaos_fleet import Fleet, leftovers
from scripts.chaos_jobs import GOOD, Customers, Wish
from tests.harness.redis_server import RedisServer
from tests.harness.service import PLAIN, RunningService

LOST_S = 3
"""Seconds of silence after which a worker counts as lost."""

_MOST_ATTEMPTS = 3


@dataclass
class Stage:
    """Everything that plays."""

    options: argparse.Namespace
    chance: random.Random
    server: RedisServer
    client: redis.Redis
    gateway: RunningService
    workers: Fleet
    customers: Customers
    temp_dir: Path
    redis_killed: int = 0
    frozen: int = 0


@dataclass
class Findings:
    """What came of it; `faults` must stay empty."""

    ends: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, object]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def tell(self, what: str, figure: object) -> None:
        """A row of the table."""
        self.rows.append((what, figure))

    def demand_none(self, what: str, count: int) -> None:
        """A row that must say 0."""
        self.rows.append((what, count))
        if count:
            self.faults.append(f"{what}: {count}")


def judge(stage: Stage) -> Findings:
    """Counts what must be there and what must not."""
    findings, accepted = Findings(), stage.customers.accepted
    uploads = sum(wish.model is not None for wish in accepted.values())
    rush = sum(wish.rush for wish in accepted.values())
    refused = stage.customers.refused
    findings.tell("jobs handed in", f"{len(accepted)} ({uploads} uploads, {rush} rush)")
    findings.tell("requests refused while Redis was away, then repeated", refused.total())
    findings.tell("workers killed (`kill -9`)", stage.workers.killed)
    findings.tell("Redis killed (`kill -9`) and started again", stage.redis_killed)
    findings.tell("workers frozen until others had done their job", stage.frozen)
    findings.demand_none("jobs that could not be handed in", len(stage.customers.failures))
    findings.demand_none("workers that ended by themselves", len(stage.workers.exit_codes()))
    stage.workers.stop_all()
    judge_jobs(stage, findings, accepted, read_ledger(stage.client))
    judge_leftovers(stage, findings, look_at_keys(stage.client))
    return findings


def judge_jobs(stage: Stage, findings: Findings, accepted: dict[str, Wish], ledger: Ledger) -> None:
    """How the jobs ended: as the gateway tells it, and as Redis wrote it down."""
    lost, wrong, dead = [], [], []
    with httpx.Client(base_url=stage.gateway.base_url, **PLAIN) as client:
        for job_id, wish in accepted.items():
            end = how_it_ended(client.get(f"/status/{job_id}").json())
            findings.ends[end or "none"] += 1
            if end is None:
                lost.append(job_id)
            elif end == "slicer_crashed" and ledger.attempts[job_id] > _MOST_ATTEMPTS:
                dead.append(job_id)  # three workers were killed under it
            elif end != wish.must_end:
                wrong.append(f"{end} for {wish.must_end}")
    attempts = [ledger.attempts[job_id] for job_id in accepted]
    findings.tell("jobs priced", findings.ends[GOOD])
    findings.tell(
        "bad models, failed with their own code",
        len(accepted) - findings.ends[GOOD] - len(lost) - len(dead) - len(wrong),
    )
    findings.tell("jobs given up because three workers died under them", len(dead))
    findings.tell("attempts, in all and at most for one job", f"{sum(attempts)}, {max(attempts)}")
    findings.tell(
        "results dropped, since another attempt had ended the job",
        stage.workers.outcomes["dropped"],
    )
    findings.demand_none("jobs lost", len(lost))
    findings.demand_none(
        "jobs whose end was written twice",
        sum(max(ledger.ends[job_id], ledger.bodies[job_id]) > 1 for job_id in ledger.ends),
    )
    findings.demand_none(
        "jobs whose end was never written",
        sum(min(ledger.ends[job_id], ledger.bodies[job_id]) < 1 for job_id in accepted),
    )
    findings.demand_none("jobs that ended otherwise than they must", len(wrong))
    findings.faults += wrong


def judge_leftovers(stage: Stage, findings: Findings, keys: Keys) -> None:
    """What stays when the workers have gone and one has come and swept."""
    known = {stage.server.process.pid, stage.gateway.process.pid}
    findings.demand_none("processes left", len(leftovers(known)))
    stage.workers.start().wait_until_ready()
    stage.workers.stop_all()
    folders = [
        f"{path.name} with {sorted(inside.name for inside in path.iterdir())}"
        for path in stage.temp_dir.iterdir()
    ]
    findings.demand_none("temp folders left after the next start of a worker", len(folders))
    findings.faults += folders
    findings.demand_none("links to models left in Redis", keys.sources)
    findings.demand_none(f"keys without an end of life, of {keys.total}", keys.without_ttl)
    findings.demand_none("messages left in the queue", keys.waiting)


def how_it_ended(status: dict[str, Any]) -> str | None:
    """`GOOD`, the code of the problem, or None while it has not ended."""
    match status:
        case {"status": "completed", "data": {"quote": {"total_usd": _}}}:
            return GOOD
        case {"status": "failed", "data": {"error": {"code": code}}}:
            return str(code)
    return None
