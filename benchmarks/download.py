"""A download by the service's own code and nothing else, for what a repeat costs beyond it.

`python -m benchmarks.download URL TIMES`, with the service's settings in the environment, prints
the processor seconds of one download.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from pricing_fdm.assembly import create_fetcher
from pricing_fdm.settings import load_settings


def download_cpu_s(url: str, times: int, environment: Mapping[str, str]) -> float:
    """Processor seconds of one download, the mean of so many, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.download", url, str(times)],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


async def _download(url: str, times: int) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-download-") as folder:
        fetcher, target = create_fetcher(load_settings().fetch), Path(folder) / "upload"

        async def fetch() -> None:
            await fetcher.fetch(url, target)
            await asyncio.to_thread(target.unlink)

        await fetch()
        began_s = time.process_time()
        for _ in range(times):
            await fetch()
        return (time.process_time() - began_s) / times


if __name__ == "__main__":
    print(asyncio.run(_download(sys.argv[1], int(sys.argv[2]))))
