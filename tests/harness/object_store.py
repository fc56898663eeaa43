"""A real S3-compatible store on loopback that checks signatures: SeaweedFS, one static binary.

It refuses what AWS refuses (an expired, tampered, stretched or foreign URL), which servers made for
tests do not: moto and s3rver serve those. Requests are signed here with the standard library, so
that nothing of an SDK stands between a test and the bytes of a URL.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

BUCKET = "customer-parts"
PATIENCE_S = 60.0
_ATTEMPTS = 3
_SERVERS = ("master", "volume", "filer", "s3")


@dataclass(frozen=True)
class Key:
    """Credentials of an account, valid in one region."""

    access: str = "AKIAIOSFODNN7EXAMPLE"
    secret: str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    region: str = "us-east-1"


@dataclass(frozen=True)
class ObjectStore:
    """A running store with one empty bucket."""

    port: int
    key: Key = Key()

    @property
    def host(self) -> str:
        """`host:port`, as FETCH_ALLOWED_HOSTS wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that open exactly this store."""
        return {
            "FETCH_ALLOWED_HOSTS": self.host,
            "FETCH_ALLOWED_CIDRS": "127.0.0.1/32",
            "FETCH_ALLOW_HTTP": "true",
        }

    @property
    def tools_environment(self) -> dict[str, str]:
        """The store's address and key, as the operator's tools read them."""
        return {
            "AWS_ACCESS_KEY_ID": self.key.access,
            "AWS_SECRET_ACCESS_KEY": self.key.secret,
            "AWS_REGION": self.key.region,
            "AWS_ENDPOINT_URL": f"http://{self.host}",
            "AWS_ALLOW_HTTP": "true",
        }

    def presigned(
        self,
        name: str,
        *,
        method: str = "GET",
        signed_at: datetime | None = None,
        expires_s: int = 300,
        key: Key | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> str:
        """A URL that lets its holder do one thing to one object, as an SDK would make it.

        It is signed now and with the store's own key if nothing else is said; `extra` are further
        parameters of the query, signed like the rest.
        """
        target = presigned_target(
            method,
            self.host,
            quote(f"/{BUCKET}/{name}", safe="/"),
            key=key or self.key,
            signed_at=signed_at or datetime.now(UTC),
            expires_s=expires_s,
            extra=extra or {},
        )
        return f"http://{self.host}{target}"

    def put(self, name: str, content: bytes | Iterable[bytes], size_bytes: int) -> str:
        """Stores an object and returns a presigned URL of it."""
        status = self.send("PUT", name, content, {"Content-Length": str(size_bytes)})
        assert status == http.client.OK, f"the store answered {status}"
        return self.presigned(name)

    def delete(self, name: str) -> None:
        """Removes an object."""
        status = self.send("DELETE", name)
        assert status == http.client.NO_CONTENT, f"the store answered {status}"

    def send(
        self,
        method: str,
        name: str,
        content: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Sends a signed request; no name means the bucket itself. Returns the status."""
        target = self.presigned(name, method=method).removeprefix(f"http://{self.host}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, target, content, headers or {})
            return connection.getresponse().status


def presigned_target(
    method: str,
    host: str,
    path: str,
    *,
    key: Key,
    signed_at: datetime,
    expires_s: int,
    extra: Mapping[str, str],
) -> str:
    """Path and query with a signature of version 4 in the query.

    `path` is percent-encoded already; it is signed and returned as it is.

    See "Authenticating Requests: Using Query Parameters" in the API reference of Amazon S3.
    """
    stamp = f"{signed_at:%Y%m%dT%H%M%SZ}"
    scope = (stamp[:8], key.region, "s3", "aws4_request")
    parameters = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "/".join((key.access, *scope)),
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(expires_s),
        "X-Amz-SignedHeaders": "host",
        **extra,
    }
    query = urlencode(sorted(parameters.items()), quote_via=quote, safe="")
    canonical = "\n".join((method, path, query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, "/".join(scope), digest))
    signing_key = functools.reduce(_mac, scope, f"AWS4{key.secret}".encode())
    return f"{path}?{query}&X-Amz-Signature={_mac(signing_key, text).hex()}"


@contextlib.contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """Runs a store until the context is left, however it is left."""
    said = ""
    for _ in range(_ATTEMPTS):
        ports = _free_ports(2 * len(_SERVERS))
        store = ObjectStore(ports[-1])
        with (
            tempfile.TemporaryDirectory(prefix="object-store-") as folder,
            _process(Path(folder), ports) as process,
        ):
            if _is_ready(store, process):
                yield store
                return
            # Somebody may have taken one of the ports meanwhile: then weed ends by itself.
            said = (Path(folder) / "log").read_text(errors="replace")
    raise AssertionError(f"the object store did not start:\n{said[-4000:]}")


def _is_ready(store: ObjectStore, process: subprocess.Popen[bytes]) -> bool:
    """Makes the bucket as soon as the store can hold an object; False if it ends before."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            store.send("PUT", "")
            if store.send("PUT", "probe", b"-") == http.client.OK:
                store.delete("probe")
                return True
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def _process(folder: Path, ports: list[int]) -> Iterator[subprocess.Popen[bytes]]:
    """SeaweedFS in a session of its own, killed at the end.

    SIGTERM is not tried: the filer keeps the process for minutes. `setpriv` lets the kernel kill
    it when this process is killed before it can.
    """
    rpc_ports = dict(zip(_SERVERS, ports[: len(_SERVERS)], strict=True))
    http_ports = dict(zip(_SERVERS, ports[len(_SERVERS) :], strict=True))
    _write_accounts(folder / "accounts.json")
    (folder / "data").mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL"),
                *(Path(sysconfig.get_path("scripts")) / "weed", "-logtostderr", "server"),
                *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"),
                *("-s3", f"-s3.config={folder}/accounts.json", f"-dir={folder}/data"),
                *("-s3.port.iceberg=0", "-s3.port.lance=0"),
                *(f"-{name}.localSocket={folder}/{name}.sock" for name in ("filer", "s3")),
                *(f"-{name}.port={port}" for name, port in http_ports.items()),
                *(f"-{name}.port.grpc={port}" for name, port in rpc_ports.items()),
            ],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for name, port in rpc_ports.items():
            # The one place that no option of weed moves into our folder.
            Path(f"/tmp/seaweedfs-{name}-grpc-{port}.sock").unlink(missing_ok=True)


def _write_accounts(path: Path) -> None:
    credentials = {"accessKey": Key().access, "secretKey": Key().secret}
    account = {"name": "tests", "credentials": [credentials], "actions": ["Admin"]}
    path.write_text(json.dumps({"identities": [account]}))


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in sockets]


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
