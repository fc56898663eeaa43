"""What the operator allows: which hosts, which private ranges, and whether plain http.

Host rules are names, never patterns: a pattern that missed one spelling opened a comparable
service (CVE-2026-42596), another became a denial of service (CVE-2026-35458). There is no switch
"allow private": only exact ranges open, and what hands out credentials never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from pricing_fdm.fetch.addresses import NEVER_OPENED_RANGES, Network
from pricing_fdm.fetch.authority import parse_authority

# The widest entry that may be opened. /48 is one site (RFC 4193, section 3.1), the unit in which
# private IPv6 is handed out; /16 is the usual pod or service network of a cluster.
_WIDEST_PREFIX = {4: 16, 6: 48}
_LOOPBACK = tuple(map(ip_network, ("127.0.0.0/8", "::1/128")))
_PRIVATE = "10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15 fc00::/7"
_OPENABLE = (*_LOOPBACK, *map(ip_network, _PRIVATE.split()))


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry of FETCH_ALLOWED_HOSTS.

    Attributes:
        name: Canonical host, as `parse_authority` returns it.
        port: The one port it opens; None means the scheme's own.
        subdomains: The entry began with a dot: it means every name below `name`, not `name`.
    """

    name: str
    port: int | None = None
    subdomains: bool = False

    def matches(self, host: str) -> bool:
        """Whether this rule applies to a host, given in canonical form."""
        return host.endswith(f".{self.name}") if self.subdomains else host == self.name


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Where models may be fetched from.

    Attributes:
        allowed_hosts: Empty means any public host; otherwise only these.
        allowed_cidrs: Private ranges that may be dialled all the same.
        allow_http: Whether plain http is taken besides https.
        own_names: Names of this machine that are admitted on any port, whatever `allowed_hosts`
            says; for trying out.
    """

    allowed_hosts: tuple[HostRule, ...] = ()
    allowed_cidrs: tuple[Network, ...] = ()
    allow_http: bool = False
    own_names: frozenset[str] = frozenset()

    @property
    def schemes(self) -> frozenset[str]:
        """The URL schemes on offer."""
        return frozenset({"https", "http"} if self.allow_http else {"https"})

    def cautions(self) -> tuple[str, ...]:
        """Warnings for the operator, logged at start."""
        sentences = []
        if not self.allowed_hosts:
            sentences.append(
                "FETCH_ALLOWED_HOSTS is empty: models are fetched from any public host."
                " Name the object stores you use to narrow it."
            )
        if self.own_names:
            return tuple(sentences)  # said by whoever opened them
        opened = [str(network) for network in self.allowed_cidrs if network.is_loopback]
        if opened:
            sentences.append(
                f"FETCH_ALLOWED_CIDRS opens loopback ({', '.join(opened)}):"
                " callers can reach services on this machine. It is meant for tests."
            )
        return tuple(sentences)


def parse_allowed_hosts(text: str) -> tuple[HostRule, ...]:
    """Read FETCH_ALLOWED_HOSTS: comma-separated `host`, `.suffix`, each with or without `:port`.

    Raises:
        ValueError: With a sentence that names the first bad entry.
    """
    return tuple(map(_host_rule, _entries(text)))


def parse_allowed_cidrs(text: str) -> tuple[Network, ...]:
    """Read FETCH_ALLOWED_CIDRS: comma-separated private ranges, or single addresses.

    No entry may be wider than /16 (IPv4) or /48 (IPv6), overlap link-local or a metadata
    service, or hold more than one loopback address.

    Raises:
        ValueError: With a sentence that names the first bad entry.
    """
    return tuple(map(_cidr, _entries(text)))


def opens(address: str) -> str | None:
    """The setting that would let an address be dialled; None when no setting can."""
    try:
        network = ip_network(address)
    except ValueError:
        return None
    return None if _fault(network) else f"FETCH_ALLOWED_CIDRS={network}"


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _host_rule(entry: str) -> HostRule:
    subdomains = entry.startswith(".")
    try:
        name, port = parse_authority(entry.removeprefix("."))
    except ValueError as error:
        raise ValueError(
            f"{entry!r} is not a host rule: {error}. Write host, .suffix or host:port, such as"
            " models.example.com, .s3.amazonaws.com or minio:9000"
        ) from None
    if subdomains and (":" in name or name.rpartition(".")[2].isdigit()):
        raise ValueError(f"{entry!r} is not a host rule: an address has no subdomains")
    return HostRule(name, port, subdomains)


def _cidr(entry: str) -> Network:
    try:
        network = ip_network(entry)
    except ValueError as error:
        raise ValueError(
            f"{entry!r} is not an address range such as 10.20.0.0/16 or 10.20.3.4/32: {error}"
        ) from None
    fault = _fault(network) if "%" not in entry else "has a zone id; no interface can be named here"
    if fault:
        raise ValueError(f"{entry!r} {fault}")
    return network


def _fault(network: Network) -> str | None:
    """Why the operator may not open this range."""
    for refused in NEVER_OPENED_RANGES:
        if network.overlaps(refused):
            return (
                f"overlaps {refused}, which is link-local or hands out a cloud's credentials;"
                " it can never be opened"
            )
    if network.is_loopback and network.num_addresses > 1:
        return "opens more than one loopback address; name each, such as 127.0.0.1/32"
    widest = _WIDEST_PREFIX[network.version]
    if network.prefixlen < widest:
        return f"is too wide: an IPv{network.version} entry is /{widest} or narrower"
    if not any(network.network_address in range_ for range_ in _OPENABLE):
        return (
            "is no private range; public addresses are open already, and FETCH_ALLOWED_HOSTS is"
            " what narrows them"
        )
    return None
