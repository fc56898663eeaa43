"""From figures of one quote to a million a day: the arithmetic of `scripts/scaling.py`.

Two assumptions stand here and nowhere else: what a server costs, and how uneven a day is.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts.scaling_figures import RedisUse

SERVER_USD_PER_MONTH = 10
SERVER_CORES = 2
PEAK = 3
"""The busiest hour of a day against its mean."""

QUOTES_PER_DAY = 1_000_000
UPLOAD_MIB = 5
LOOKS_PER_QUOTE = 10
"""How often a caller asks for the status; one who listens to the events asks once."""

_DAY_S = 86_400
_MONTH_S = 30 * _DAY_S
_USABLE = 0.7
"""Share of a core that is planned with."""

_KIB = 1024
_GIB = _KIB**3


@dataclass(frozen=True)
class Measured:
    """Figures of one quote, one request, one second.

    Attributes:
        quote_cpu_s: Of a worker with its slicer.
        upload_mib_cpu_s: Of the gateway, for an upload of 1 MiB.
        job: What one job asks of Redis, from its request to its result, with what its worker asks
            beside it meanwhile.
        post: Its request alone.
        idle: What one worker asks of Redis in a second, without work.
        done_bytes: In Redis, with its result.
        waiting_bytes: In Redis, before.
    """

    quote_cpu_s: float
    post_cpu_s: float
    status_cpu_s: float
    upload_mib_cpu_s: float
    gateway_mib: float
    job: RedisUse
    post: RedisUse
    idle: RedisUse
    done_bytes: int
    waiting_bytes: int


def print_sums(measured: Measured) -> None:
    """Prints all tables."""
    _print_redis(measured)
    _print_gateway(measured)
    _print_cost(measured)
    _print_million(measured)


def _print_redis(measured: Measured) -> None:
    print("\n| Redis | scripts | commands | in, bytes | out, bytes | disk, bytes | CPU ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    rows = {
        "a job, from request to result, and its worker meanwhile": measured.job,
        "of that, its request": measured.post,
        "a worker without work, each second": measured.idle,
    }
    for name, use in rows.items():
        print(
            f"| {name} | {use.scripts:.1f} | {use.commands:.0f} | {use.in_bytes:.0f} | "
            f"{use.out_bytes:.0f} | {use.disk_bytes:.0f} | {1000 * use.cpu_s:.2f} |"
        )
    print(f"\nmemory of a job: {measured.waiting_bytes} bytes waiting, {measured.done_bytes} done")


def _print_gateway(measured: Measured) -> None:
    print("\n| Gateway | CPU ms | requests/s of one core |")
    print("| --- | ---: | ---: |")
    rows = {
        "`POST /quote`": measured.post_cpu_s,
        "`GET /status` of a job with a result": measured.status_cpu_s,
        "`POST /upload` of 1 MiB": measured.upload_mib_cpu_s,
    }
    for name, spent_s in rows.items():
        print(f"| {name} | {1000 * spent_s:.2f} | {1 / spent_s:.0f} |")
    print(f"\nmemory of the gateway after all that: {measured.gateway_mib:.0f} MiB")


def _print_cost(measured: Measured) -> None:
    per_core_s = SERVER_USD_PER_MONTH / SERVER_CORES / _MONTH_S
    full = 1000 * measured.quote_cpu_s * per_core_s
    print(
        f"\n1,000 quotes at {measured.quote_cpu_s:.2f} CPU s: {full:.4f} USD on full cores, ",
        end="",
    )
    print(f"{full / _USABLE:.4f} at {_USABLE:.0%} of them")


def _print_million(measured: Measured) -> None:
    mean = QUOTES_PER_DAY / _DAY_S
    peak = PEAK * mean
    cores = peak * measured.quote_cpu_s / _USABLE
    gateway = peak * (measured.post_cpu_s + LOOKS_PER_QUOTE * measured.status_cpu_s) / _USABLE
    rows = {
        "quotes/s, mean and in the busiest hour": f"{mean:.1f}, {peak:.1f}",
        "cores for slicing, then": f"{cores:.0f}",
        f"servers of {SERVER_CORES} cores": f"{cores / SERVER_CORES:.0f}",
        "cores for gateways": f"{gateway:.1f}",
        "Redis, commands/s": f"{peak * measured.job.commands:.0f}",
        "Redis, share of its one core": f"{peak * measured.job.cpu_s:.0%}",
        "Redis, in and out, MB/s": f"{peak * measured.job.in_bytes / 1e6:.2f}, "
        f"{peak * measured.job.out_bytes / 1e6:.2f}",
        "Redis, file of changes, GB/day": f"{QUOTES_PER_DAY * measured.job.disk_bytes / 1e9:.1f}",
        "Redis, results of 24 h, GiB": f"{QUOTES_PER_DAY * measured.done_bytes / _GIB:.1f}",
        f"uploads of {UPLOAD_MIB} MiB, MiB/s in the busiest hour": f"{peak * UPLOAD_MIB:.0f}",
        "uploads kept for an hour, GiB": f"{peak * 3600 * UPLOAD_MIB / _KIB:.0f}",
    }
    print("\n| A million quotes a day | |\n| --- | ---: |")
    for name, figure in rows.items():
        print(f"| {name} | {figure} |")
