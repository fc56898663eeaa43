"""Presigned URLs against a store that checks them: what AWS refuses is refused here too.

An origin that serves any query proves only that a query was sent; here a quote proves that the
signature held. A store decodes a URL before it checks it, as AWS does, so it forgives another
spelling of the same name; that not even the spelling changes is asked of an origin that notes it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.object_store import (
    BUCKET,
    Key,
    ObjectStore,
    presigned_target,
    running_object_store,
)
from tests.harness.origin import Origin
from tests.harness.service import RunningService, order, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until

MIB = 1024 * 1024
BUNDLED_PART = Path(__file__).parents[2] / "examples" / "kickstarter-fdm-test.stl"

# In a process of its own: one that has run other tests has its peak behind it. VmHWM, because
# ru_maxrss survives exec and would tell the peak of the process that started this one.
FETCH_AND_TELL = """
import asyncio, json, re, sys
from pathlib import Path
from pricing_fdm.errors import PricingError
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.fetch.policy import parse_allowed_cidrs, parse_allowed_hosts

asked = json.load(sys.stdin)
policy = FetchPolicy(
    parse_allowed_hosts(asked["host"]), parse_allowed_cidrs("127.0.0.1/32"), allow_http=True
)
fetcher = Fetcher(policy, max_bytes=100 * 1024 * 1024, total_timeout_s=120)
try:
    download = asyncio.run(fetcher.fetch(asked["url"], Path(asked["destination"])))
except PricingError as error:
    told = {"code": error.code}
else:
    told = {"size_bytes": download.size_bytes, "sha256": download.sha256}
status = Path("/proc/self/status").read_text()
told["peak_kib"] = int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    """A store that checks signatures."""
    with running_object_store() as store:
        yield store


@pytest.fixture(scope="module")
def service(store: ObjectStore, origin: Origin) -> Iterator[RunningService]:
    """A service that may fetch from `store` and `origin`, and from nowhere else."""
    hosts = {"FETCH_ALLOWED_HOSTS": f"{store.host},{origin.host}"}
    with running_service({**store.environment, **hosts}) as service:
        yield service


def stored(store: ObjectStore, name: str) -> str:
    """Stores a small part that no other object equals; returns a presigned URL of it."""
    content = part(name)
    return store.put(name, content, len(content))


def part(name: str) -> bytes:
    """A flat box, quickly sliced, whose header makes its bytes its own."""
    return binary_stl(box(10, 10, 2), header=hashlib.sha256(name.encode()).digest())


def asked(service: RunningService, url: str, **changes: Any) -> httpx.Response:
    """Asks for a quote, and makes sure that nobody was told the URL (F4)."""
    answer = service.post(order(url, **changes))
    request_id = answer.headers["X-Request-ID"]
    wait_until(lambda: request_id in [e["request_id"] for e in service.events("request_finished")])
    log, metrics = service.log_path.read_text(), service.get("/metrics").text
    told = f"{answer.headers}\n{answer.text}\n{log}\n{metrics}"
    signature = url.rpartition("X-Amz-Signature=")[2]
    for secret in (signature, "X-Amz", Key().access, BUCKET):
        assert secret not in told
    return answer


def test_the_signer_agrees_with_the_example_that_aws_publishes() -> None:
    """Otherwise store and tests could share one mistake. Same page as in `presigned_target`."""
    target = presigned_target(
        "GET",
        "examplebucket.s3.amazonaws.com",
        "/test.txt",
        key=Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"),
        signed_at=datetime(2013, 5, 24, tzinfo=UTC),
        expires_s=86400,
        extra={},
    )
    assert target.endswith(
        "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


@pytest.mark.slow
def test_a_presigned_url_of_a_real_part_is_priced(
    store: ObjectStore, service: RunningService
) -> None:
    """The main job, as a shop does it: upload, presign, ask."""
    content = BUNDLED_PART.read_bytes()
    url = store.put("order-17/kickstarter-fdm-test.stl", content, len(content))
    answer = asked(service, url, infill=10, layer_thickness=300, supports="never")
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert answer.json()["total_usd"] > 5


def an_expired_url(store: ObjectStore) -> str:
    return store.presigned("part.stl", signed_at=hours_ago(1), expires_s=60)


def a_stretched_url(store: ObjectStore) -> str:
    return an_expired_url(store).replace("X-Amz-Expires=60&", "X-Amz-Expires=86400&")


def a_tampered_signature(store: ObjectStore) -> str:
    url = store.presigned("part.stl")
    return url[:-1] + ("0" if url[-1] != "0" else "1")


def another_key(store: ObjectStore) -> str:
    return store.presigned("part.stl").replace("/part.stl?", "/secret.stl?")


def another_method(store: ObjectStore) -> str:
    return store.presigned("part.stl", method="PUT")


def a_foreign_secret(store: ObjectStore) -> str:
    return store.presigned("part.stl", key=Key(secret="guessed"))


def a_deleted_object(store: ObjectStore) -> str:
    url = stored(store, "deleted.stl")
    store.delete("deleted.stl")
    return url


@pytest.mark.parametrize(
    ("presign", "said"),
    [
        pytest.param(an_expired_url, "403 Forbidden", id="expired"),
        pytest.param(a_stretched_url, "403 Forbidden", id="expired, expiry tampered"),
        pytest.param(a_tampered_signature, "403 Forbidden", id="signature tampered"),
        pytest.param(another_key, "403 Forbidden", id="key tampered"),
        pytest.param(another_method, "403 Forbidden", id="signed for PUT"),
        pytest.param(a_foreign_secret, "403 Forbidden", id="signed with another secret"),
        pytest.param(a_deleted_object, "404 Not Found", id="object deleted"),
    ],
)
def test_what_the_store_refuses_is_a_failed_download_with_its_status(
    store: ObjectStore,
    service: RunningService,
    presign: Callable[[ObjectStore], str],
    said: str,
) -> None:
    """Both objects exist, so only the URL is at fault; the caller learns that, and what to do."""
    stored(store, "part.stl")
    stored(store, "secret.stl")
    answer = asked(service, presign(store))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "download_failed")
    assert problem["detail"].startswith("Failed to download")
    assert f"answered {said}." in problem["detail"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Teil 1 von 2.stl", id="spaces"),
        pytest.param("Würfel ✓ 零件.stl", id="unicode"),
        pytest.param("cafe\u0301.stl", id="unicode, not composed"),
        pytest.param("a+b.stl", id="plus"),
        pytest.param("100%.stl", id="percent"),
        pytest.param("a%2Fb%20c%252F.stl", id="percent that looks encoded"),
        pytest.param("what?a=b&c#d;e.stl", id="marks of a URL"),
        pytest.param("it's (1) [new]!*~$,:@.stl", id="marks that signers treat in two ways"),
        pytest.param('\\{}|^`"<>.stl', id="marks that no URL may hold"),
        pytest.param("orders//2026/part.stl", id="empty folder name"),
    ],
)
def test_a_key_reaches_the_store_as_it_was_signed(
    store: ObjectStore, service: RunningService, name: str
) -> None:
    """Decoding twice, or tidying the path on the way, would be a 403 or another object."""
    answer = asked(service, stored(store, name))
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"]["sha256"] == hashlib.sha256(part(name)).hexdigest()


def test_what_an_sdk_adds_to_the_query_reaches_the_store_as_it_was_signed(
    store: ObjectStore, service: RunningService
) -> None:
    """Shops sign the name that a browser should save under; quotes and slashes are encoded."""
    stored(store, "named.stl")
    saved_as = "attachment; filename=\"Teil 1+2.stl\"; filename*=UTF-8''W%C3%BCrfel.stl"
    url = store.presigned("named.stl", extra={"response-content-disposition": saved_as})
    answer = asked(service, url)
    assert answer.status_code == 200, answer.text
    assert asked(service, url.replace("%22", '"')).status_code == 200, "the same name, spelt freely"


def test_the_spelling_of_a_url_is_kept_byte_for_byte(
    origin: Origin, service: RunningService
) -> None:
    """Some stores and gateways sign the text, not its meaning: no byte may be tidied up."""
    target = (
        f'/{BUCKET}/%7e~/a//b/./%2e%2E/c%2fd+e%20f/W%c3%bcrfel;v=1,2/{{}}|^`"<>[]/part.stl'
        "?b=2&a=+%2b%20&a=&empty&X-Amz-Date=2026%2d&response=%22'()*!~\"&X-Amz-Signature=0aF%2f"
    )
    answer = asked(service, origin.url(target.removeprefix("/") + "#fragment"))
    assert answer.json()["code"] == "download_failed", answer.text
    assert [path for path in origin.requests if BUCKET in path] == [target]


@pytest.mark.slow
def test_b6_100_mib_are_fetched_in_the_memory_of_1_mib(store: ObjectStore, tmp_path: Path) -> None:
    """B6: a model goes to disk piece by piece; the largest allowed one costs no more memory."""
    peak_kib = {}
    for mebibytes in (1, 100):
        url = store.put(f"{mebibytes}-mib", blocks(mebibytes), mebibytes * MIB)
        told = fetched_apart(store, url, tmp_path / str(mebibytes))
        digest = hashlib.sha256()
        for block in blocks(mebibytes):
            digest.update(block)
        assert (told["size_bytes"], told["sha256"]) == (mebibytes * MIB, digest.hexdigest())
        assert (tmp_path / str(mebibytes)).stat().st_size == mebibytes * MIB
        peak_kib[mebibytes] = told["peak_kib"]
    assert peak_kib[100] - peak_kib[1] <= 16 * 1024, f"peak RSS in KiB by MiB: {peak_kib}"


@pytest.mark.slow
def test_b2_101_mib_are_refused_and_nothing_is_written(
    store: ObjectStore, service: RunningService, tmp_path: Path
) -> None:
    """B2: the store declares the size, so not a byte of it is read; the folder is missing."""
    url = store.put("101-mib", blocks(101), 101 * MIB)
    assert fetched_apart(store, url, tmp_path / "missing" / "model")["code"] == "model_too_large"
    answer = asked(service, url)
    assert (answer.status_code, answer.json()["code"]) == (413, "model_too_large")
    assert service.leftovers() == []


def blocks(mebibytes: int) -> Iterator[bytes]:
    """Content in which every MiB differs from its neighbours."""
    for number in range(mebibytes):
        yield bytes([number]) * MIB


def fetched_apart(store: ObjectStore, url: str, destination: Path) -> dict[str, Any]:
    """Fetches in a process of its own and returns what it says of it."""
    request = {"host": store.host, "url": url, "destination": str(destination)}
    run = subprocess.run(
        [sys.executable, "-c", FETCH_AND_TELL],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    )
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def hours_ago(hours: int) -> datetime:
    """A time in the past."""
    return datetime.now(UTC) - timedelta(hours=hours)
