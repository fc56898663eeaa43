"""May this address be dialled? One table, asked at connect time.

The table is our own because `ipaddress.is_global` calls 19 of the 49 addresses in our tests
global on Python 3.11.7, and changes its mind between releases (CVE-2021-29921, CVE-2024-4032).
Sources: the IANA special-purpose address registries, and the metadata services of the clouds.

Of IPv6, only 2000::/3 is handed out to anybody, so all else is refused. Addresses that carry an
IPv4 address inside are refused rather than unwrapped: no object store is reached that way, and
unwrapping is where comparable guards had their bugs.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from pricing_fdm.fetch.outcomes import FetchOutcome

Network = IPv4Network | IPv6Network

# The first range that holds an address decides.
_REFUSED: tuple[tuple[Network, FetchOutcome], ...] = tuple(
    (ip_network(prefix), outcome)
    for outcome, prefixes in {
        FetchOutcome.ADDRESS_METADATA: (
            "169.254.169.254 "  # AWS, Azure, Google, OpenStack
            "169.254.170.2 169.254.170.23 "  # AWS: ECS task credentials, EKS pod identity
            "100.100.100.200 "  # Alibaba
            "168.63.129.16 "  # Azure, a public-looking address
            "192.0.0.192 "  # Oracle
            "fd00:ec2::/32 "  # AWS: metadata, EKS pod identity
            "fd20:ce::254"  # Google
        ),
        FetchOutcome.ADDRESS_UNSPECIFIED: "0.0.0.0/8 ::",
        FetchOutcome.ADDRESS_LOOPBACK: "127.0.0.0/8 ::1",
        FetchOutcome.ADDRESS_EMBEDDED: (
            "::/96 ::ffff:0:0/96 ::ffff:0:0:0/96 "  # IPv4-compatible, -mapped, -translated
            "64:ff9b::/96 64:ff9b:1::/48 "  # NAT64, and its local use
            "2001::/32 2002::/16"  # Teredo, 6to4
        ),
        FetchOutcome.ADDRESS_PRIVATE: "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        FetchOutcome.ADDRESS_SHARED: "100.64.0.0/10",
        FetchOutcome.ADDRESS_LINK_LOCAL: "169.254.0.0/16 fe80::/10",
        FetchOutcome.ADDRESS_MULTICAST: "224.0.0.0/4 ff00::/8",
        FetchOutcome.ADDRESS_RESERVED: (
            "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 "
            "203.0.113.0/24 240.0.0.0/4 2001::/23 2001:db8::/32 3fff::/20"
        ),
    }.items()
    for prefix in prefixes.split()
)
_IPV6_ASSIGNED = IPv6Network("2000::/3")
_ISATAP_IDENTIFIERS = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214, section 6.1

_NEVER_OPENED = frozenset(
    {FetchOutcome.ADDRESS_METADATA, FetchOutcome.ADDRESS_LINK_LOCAL, FetchOutcome.ADDRESS_ODD}
)
NEVER_OPENED_RANGES = tuple(network for network, outcome in _REFUSED if outcome in _NEVER_OPENED)
"""Where clouds hand out credentials, and all of link-local: no setting opens these."""


def may_dial(address: str, allowed: Iterable[Network] = ()) -> FetchOutcome:
    """Judge one address under the ranges that the operator opened.

    Args:
        address: A numeric address as the resolver gave it.
        allowed: `FetchPolicy.allowed_cidrs`.

    Returns:
        `OK`, or why not. Metadata and link-local addresses stay refused whatever `allowed` says.
    """
    outcome = classify(address)
    if outcome is FetchOutcome.OK or outcome in _NEVER_OPENED:
        return outcome
    parsed = ip_address(address)
    return FetchOutcome.OK if any(parsed in network for network in allowed) else outcome


def classify(address: str) -> FetchOutcome:
    """Say what kind of address this is; `OK` means a public one.

    Text that is no address, and an address with a zone id, are `ADDRESS_ODD`.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return FetchOutcome.ADDRESS_ODD
    if "%" in address:
        return FetchOutcome.ADDRESS_ODD
    for network, outcome in _REFUSED:
        if parsed in network:
            return outcome
    return _unlisted_ipv6(parsed) if isinstance(parsed, IPv6Address) else FetchOutcome.OK


def _unlisted_ipv6(address: IPv6Address) -> FetchOutcome:
    if address not in _IPV6_ASSIGNED:
        return FetchOutcome.ADDRESS_RESERVED
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP_IDENTIFIERS:
        return FetchOutcome.ADDRESS_EMBEDDED
    return FetchOutcome.OK
