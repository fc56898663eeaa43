"""Finds variables that look like settings of this service and are none.

A misspelt setting would silently keep its default: a wrong price, or a service without a token.
A variable is a fault when it has a prefix of ours or resembles a setting. All others are ignored,
and so are the variables that Docker and Kubernetes set for services of any name.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from pricing_fdm.settings.likeness import resembles

OUR_PREFIXES = (
    *("PRICING_FDM_", "MATERIAL_", "SLICE_", "SLICER_", "FETCH_"),
    *("CACHE_", "QUEUE_", "ORCA_", "PRUSA_", "DRAIN_"),
)
"""Every variable with one of these prefixes is taken for a setting of this service."""

_READ_BY_OTHERS = frozenset(
    {
        "ORCA_APPIMAGE_URL",  # scripts/install-slicer
        *("CACHE_DIR", "CACHE_FILE", "CACHE_PATH"),  # many tools; no cache of ours is a file
        "CACHE_DIRECTORY",  # systemd sets it for `CacheDirectory=`
        *("CACHE_COMPRESSION_LEVEL", "CACHE_FALLBACK_KEY", "CACHE_REQUEST_TIMEOUT"),  # GitLab CI
        *("CACHE_DRIVER", "CACHE_PREFIX", "CACHE_STORE"),  # Laravel
        *("QUEUE_CONNECTION", "QUEUE_DRIVER"),
        *("CACHE_URL", "QUEUE_NAME", "QUEUE_URL"),  # Django, clients of message queues
    }
)

# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
# https://docs.docker.com/engine/network/links/#environment-variables
_SERVICE_LINK = re.compile(
    r".+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?|ENV_\w+)"
)
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://.+")


def unknown_variables(
    environment: Mapping[str, str], settings: Collection[str], secrets: Collection[str]
) -> Iterator[str]:
    """One fault for each variable that looks like a setting of this service and is none.

    Args:
        environment: What is set; an empty value counts as not set.
        settings: The names of all settings, in capitals.
        secrets: The settings that may come from a file.
    """
    known = sorted({*settings, *(f"{name}_FILE" for name in secrets)})
    values = {name.upper(): value for name, value in environment.items() if value}
    spellings = Counter(name.upper() for name, value in environment.items() if value)
    for name, value in sorted(values.items()):
        if name in known:
            if spellings[name] > 1:
                yield f"{name}: is set twice, in capitals and in small letters"
        elif name.removesuffix("_FILE") in known:
            yield f"{name}: only a secret can come from a file"
        elif not _is_service_link(name, value) and (nearest := _nearest(name, known)):
            yield f"{name}: there is no such setting; the nearest is {nearest}"


def is_service_address(value: object) -> bool:
    """Whether a value is the address that Docker or Kubernetes gives a service as `NAME_PORT`."""
    return isinstance(value, str) and bool(_SERVICE_ADDRESS.fullmatch(value))


def _is_service_link(name: str, value: str) -> bool:
    return (
        bool(_SERVICE_LINK.fullmatch(name))
        or (name.endswith("_PORT") and is_service_address(value))
        or (name.endswith("_NAME") and value.startswith("/"))
    )


def _nearest(name: str, known: Collection[str]) -> str | None:
    """The setting that was probably meant; None when the variable is not for this service."""
    bare = re.sub(r"^(PRICING_FDM|PRICING|FDM)_", "", name)
    alike = [each for each in known if any(resembles(spelt, each) for spelt in {name, bare})]
    if not alike and name not in _READ_BY_OTHERS:
        prefixes = tuple(prefix for prefix in OUR_PREFIXES if name.startswith(prefix))
        alike = [each for each in known if each.startswith(prefixes)]
    return next(iter(difflib.get_close_matches(name, alike, n=1, cutoff=0)), None)
