"""May this address be dialled? One table, one verdict, asked at connect time.

The table is our own because `ipaddress.is_global` calls 19 of the 49 addresses in our tests
global on Python 3.11.7, and changes its mind between releases (CVE-2021-29921, CVE-2024-4032).
Sources: the IANA special-purpose address registries, and the metadata services of the clouds.

IPv6 is read the other way round: only 2000::/3 is handed out to anybody, so all else is refused.
Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo, ISATAP) are refused
rather than unwrapped: no object store is reached that way, and unwrapping is where comparable
guards had their bugs.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

from pricing_fdm.fetch.verdict import Verdict

Network = IPv4Network | IPv6Network

# The first prefix that holds the address decides.
_IPV4_REFUSED: tuple[tuple[Network, Verdict], ...] = tuple(
    (IPv4Network(prefix), verdict)
    for prefix, verdict in (
        ("169.254.169.254/32", Verdict.ADDRESS_METADATA),  # AWS, Azure, Google, OpenStack
        ("169.254.170.2/32", Verdict.ADDRESS_METADATA),  # AWS ECS task credentials
        ("169.254.170.23/32", Verdict.ADDRESS_METADATA),  # AWS EKS pod identity
        ("100.100.100.200/32", Verdict.ADDRESS_METADATA),  # Alibaba
        ("168.63.129.16/32", Verdict.ADDRESS_METADATA),  # Azure, a public-looking address
        ("192.0.0.192/32", Verdict.ADDRESS_METADATA),  # Oracle
        ("0.0.0.0/8", Verdict.ADDRESS_UNSPECIFIED),
        ("10.0.0.0/8", Verdict.ADDRESS_PRIVATE),
        ("100.64.0.0/10", Verdict.ADDRESS_SHARED),
        ("127.0.0.0/8", Verdict.ADDRESS_LOOPBACK),
        ("169.254.0.0/16", Verdict.ADDRESS_LINK_LOCAL),
        ("172.16.0.0/12", Verdict.ADDRESS_PRIVATE),
        ("192.0.0.0/24", Verdict.ADDRESS_RESERVED),
        ("192.0.2.0/24", Verdict.ADDRESS_RESERVED),
        ("192.88.99.0/24", Verdict.ADDRESS_RESERVED),
        ("192.168.0.0/16", Verdict.ADDRESS_PRIVATE),
        ("198.18.0.0/15", Verdict.ADDRESS_RESERVED),
        ("198.51.100.0/24", Verdict.ADDRESS_RESERVED),
        ("203.0.113.0/24", Verdict.ADDRESS_RESERVED),
        ("224.0.0.0/4", Verdict.ADDRESS_MULTICAST),
        ("240.0.0.0/4", Verdict.ADDRESS_RESERVED),
    )
)
_IPV6_REFUSED: tuple[tuple[Network, Verdict], ...] = tuple(
    (IPv6Network(prefix), verdict)
    for prefix, verdict in (
        ("fd00:ec2::/32", Verdict.ADDRESS_METADATA),  # AWS: metadata, EKS pod identity
        ("fd20:ce::254/128", Verdict.ADDRESS_METADATA),  # Google
        ("::/128", Verdict.ADDRESS_UNSPECIFIED),
        ("::1/128", Verdict.ADDRESS_LOOPBACK),
        ("::/96", Verdict.ADDRESS_EMBEDDED),  # IPv4-compatible
        ("::ffff:0:0/96", Verdict.ADDRESS_EMBEDDED),  # IPv4-mapped
        ("::ffff:0:0:0/96", Verdict.ADDRESS_EMBEDDED),  # IPv4-translated
        ("64:ff9b::/96", Verdict.ADDRESS_EMBEDDED),  # NAT64
        ("64:ff9b:1::/48", Verdict.ADDRESS_EMBEDDED),  # NAT64, local use
        ("2001::/32", Verdict.ADDRESS_EMBEDDED),  # Teredo
        ("2002::/16", Verdict.ADDRESS_EMBEDDED),  # 6to4
        ("2001::/23", Verdict.ADDRESS_RESERVED),
        ("2001:db8::/32", Verdict.ADDRESS_RESERVED),
        ("3fff::/20", Verdict.ADDRESS_RESERVED),
        ("fc00::/7", Verdict.ADDRESS_PRIVATE),
        ("fec0::/10", Verdict.ADDRESS_PRIVATE),
        ("fe80::/10", Verdict.ADDRESS_LINK_LOCAL),
        ("ff00::/8", Verdict.ADDRESS_MULTICAST),
    )
)
_IPV6_ASSIGNED = IPv6Network("2000::/3")
_ISATAP_IDENTIFIERS = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214, section 6.1

_NEVER_OPENED = frozenset(
    {Verdict.ADDRESS_METADATA, Verdict.ADDRESS_LINK_LOCAL, Verdict.ADDRESS_ODD}
)
NEVER_OPENED_RANGES: tuple[Network, ...] = tuple(
    network for network, verdict in (*_IPV4_REFUSED, *_IPV6_REFUSED) if verdict in _NEVER_OPENED
)
"""Where clouds hand out credentials, and all of link-local: no setting opens these."""


def may_dial(address: str, allowed: Iterable[Network] = ()) -> Verdict:
    """Judge one address under the ranges that the operator opened.

    Args:
        address: A numeric address as the resolver gave it.
        allowed: `FetchPolicy.allowed_cidrs`.

    Returns:
        `Verdict.OK`, or why not. Metadata and link-local addresses stay refused whatever
        `allowed` says.
    """
    verdict = classify(address)
    if verdict is Verdict.OK or verdict in _NEVER_OPENED:
        return verdict
    parsed = ip_address(address)
    return Verdict.OK if any(parsed in network for network in allowed) else verdict


def classify(address: str) -> Verdict:
    """Say what kind of address this is; `Verdict.OK` means a public one.

    Text that is no address, and an address with a zone id, are `Verdict.ADDRESS_ODD`.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return Verdict.ADDRESS_ODD
    return _ipv4(parsed) if isinstance(parsed, IPv4Address) else _ipv6(parsed)


def _ipv4(address: IPv4Address) -> Verdict:
    for network, verdict in _IPV4_REFUSED:
        if address in network:
            return verdict
    return Verdict.OK


def _ipv6(address: IPv6Address) -> Verdict:
    if address.scope_id is not None:
        return Verdict.ADDRESS_ODD
    for network, verdict in _IPV6_REFUSED:
        if address in network:
            return verdict
    if address not in _IPV6_ASSIGNED:
        return Verdict.ADDRESS_RESERVED
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP_IDENTIFIERS:
        return Verdict.ADDRESS_EMBEDDED
    return Verdict.OK
