"""A bounded `make chaos`: the queue keeps its promises while its parts die."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_nothing_is_lost_while_workers_and_redis_die_j1_j6_j7() -> None:
    """30 jobs, a worker killed, one frozen, Redis killed: each job ends once, and nothing is left.

    The proof is Redis's own file of changes, see `scripts/chaos_evidence.py`.
    """
    chaos = [sys.executable, "-m", "scripts.chaos"]
    bounded = ["--jobs", "30", "--workers", "2", "--kills", "1", "--patience", "120"]
    ran = subprocess.run(
        [*chaos, *bounded], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    figures = dict(re.findall(r"^\| (.+) \| (.+) \|$", ran.stdout, re.MULTILINE))
    assert figures["jobs submitted"].startswith("30 ")
    assert figures["workers killed (`kill -9`)"] == "1"
    assert figures["Redis killed (`kill -9`) and started again"] == "1"
    assert figures["workers frozen until others had done their job"] == "1"
    assert figures["jobs lost"] == "0"
    assert figures["jobs whose end was written twice"] == "0"
