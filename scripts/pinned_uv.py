"""Runs the uv of .venv with pip's configuration of this machine: pinned_uv.py ARGUMENT...

pip.conf and PIP_* name the index, mirrors and certificates here, and uv reads neither. Variables
that are set for uv itself are left as they are; uv's own configuration files are not read.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

UV = Path(__file__).parents[1] / ".venv/bin/uv"
# What requests reads, which pip is built on, and OpenSSL.
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
# Where Debian keeps the certificate authorities, those that an administrator added among them.
DEBIAN_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# pip looks through all indexes for a release; uv would stop at the first that knows the name.
LIKE_PIP = {
    "UV_INDEX_STRATEGY": "unsafe-best-match",
    "UV_NO_CONFIG": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}
# Options of pip whose value uv takes unchanged.
SAME_VALUE = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
    "client-cert": "SSL_CLIENT_CERT",
}


def main() -> None:
    """Becomes uv."""
    options = pip_options()
    arguments = sys.argv[1:]
    if options.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        arguments.append("--no-index")
    os.execve(UV, [str(UV), *arguments], uv_environment(options, os.environ))


def pip_options() -> dict[str, str]:
    """What files and variables set for `pip install`; the later in pip's order wins."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in sections:
            sections[section][option] = " ".join(str(ast.literal_eval(value)).split())
    return sections["global"] | sections["install"] | sections[":env:"]


def uv_environment(options: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which uv finds what pip would."""
    found = LIKE_PIP | {SAME_VALUE[name]: options[name] for name in SAME_VALUE if name in options}
    if links := list(existing(options.get("find-links", "").split())):
        found["UV_FIND_LINKS"] = ",".join(links)
    if not can_be_used(cache_folder(environment)):
        found["UV_NO_CACHE"] = "1"
    found |= environment
    certificates = [options.get("cert"), *map(environment.get, CERTIFICATES), DEBIAN_CERTIFICATES]
    if file := next((each for each in certificates if each and Path(each).is_file()), None):
        found["SSL_CERT_FILE"] = file
    return found


def existing(links: list[str]) -> Iterator[str]:
    """Those that can be looked into: a folder that is not there stops uv, and not pip."""
    for link in links:
        path = Path(link.removeprefix("file://")).expanduser()
        if path.exists():
            yield str(path)
        elif link.startswith(("http://", "https://")):
            yield link


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where uv keeps what it fetched."""
    caches = environment.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(environment.get("UV_CACHE_DIR") or Path(caches, "uv"))


def can_be_used(folder: Path) -> bool:
    """Whether it is there or can be made: the user of a service may have no home to write to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


if __name__ == "__main__":
    main()
