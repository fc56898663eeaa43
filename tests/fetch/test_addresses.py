from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pricing_fdm.fetch.addresses import NEVER_OPENED_RANGES, Network, classify, may_dial
from pricing_fdm.fetch.outcomes import FetchOutcome
from tests.fetch.hostile import METADATA

FORBIDDEN = {
    "0.0.0.0": FetchOutcome.ADDRESS_UNSPECIFIED,
    "10.0.0.1": FetchOutcome.ADDRESS_PRIVATE,
    "100.64.0.1": FetchOutcome.ADDRESS_SHARED,
    "100.100.100.200": FetchOutcome.ADDRESS_METADATA,
    "127.0.0.1": FetchOutcome.ADDRESS_LOOPBACK,
    "127.255.255.254": FetchOutcome.ADDRESS_LOOPBACK,
    "168.63.129.16": FetchOutcome.ADDRESS_METADATA,
    "169.254.0.1": FetchOutcome.ADDRESS_LINK_LOCAL,
    "169.254.169.254": FetchOutcome.ADDRESS_METADATA,
    "169.254.170.2": FetchOutcome.ADDRESS_METADATA,
    "172.16.0.1": FetchOutcome.ADDRESS_PRIVATE,
    "172.31.255.255": FetchOutcome.ADDRESS_PRIVATE,
    "192.0.0.8": FetchOutcome.ADDRESS_RESERVED,
    "192.0.0.9": FetchOutcome.ADDRESS_RESERVED,
    "192.0.0.192": FetchOutcome.ADDRESS_METADATA,
    "192.0.2.1": FetchOutcome.ADDRESS_RESERVED,
    "192.88.99.1": FetchOutcome.ADDRESS_RESERVED,
    "192.168.0.1": FetchOutcome.ADDRESS_PRIVATE,
    "198.18.0.1": FetchOutcome.ADDRESS_RESERVED,
    "198.19.255.255": FetchOutcome.ADDRESS_RESERVED,
    "198.51.100.1": FetchOutcome.ADDRESS_RESERVED,
    "203.0.113.1": FetchOutcome.ADDRESS_RESERVED,
    "224.0.0.1": FetchOutcome.ADDRESS_MULTICAST,
    "240.0.0.1": FetchOutcome.ADDRESS_RESERVED,
    "255.255.255.255": FetchOutcome.ADDRESS_RESERVED,
    "::": FetchOutcome.ADDRESS_UNSPECIFIED,
    "::1": FetchOutcome.ADDRESS_LOOPBACK,
    "::8.8.8.8": FetchOutcome.ADDRESS_EMBEDDED,
    "::ffff:127.0.0.1": FetchOutcome.ADDRESS_EMBEDDED,
    "::ffff:8.8.8.8": FetchOutcome.ADDRESS_EMBEDDED,
    "::ffff:0:127.0.0.1": FetchOutcome.ADDRESS_EMBEDDED,
    "64:ff9b::127.0.0.1": FetchOutcome.ADDRESS_EMBEDDED,
    "64:ff9b:1::127.0.0.1": FetchOutcome.ADDRESS_EMBEDDED,
    "100::1": FetchOutcome.ADDRESS_RESERVED,
    "2001::1": FetchOutcome.ADDRESS_EMBEDDED,
    "2001:2::1": FetchOutcome.ADDRESS_RESERVED,
    "2001:20::1": FetchOutcome.ADDRESS_RESERVED,
    "2001:db8::1": FetchOutcome.ADDRESS_RESERVED,
    "2002:7f00:1::1": FetchOutcome.ADDRESS_EMBEDDED,
    "2606:4700::5efe:127.0.0.1": FetchOutcome.ADDRESS_EMBEDDED,
    "2606:4700::200:5efe:127.0.0.1": FetchOutcome.ADDRESS_EMBEDDED,
    "3fff::1": FetchOutcome.ADDRESS_RESERVED,
    "5f00::1": FetchOutcome.ADDRESS_RESERVED,
    "fc00::1": FetchOutcome.ADDRESS_PRIVATE,
    "fd00:ec2::254": FetchOutcome.ADDRESS_METADATA,
    "fe80::1": FetchOutcome.ADDRESS_LINK_LOCAL,
    "fe80::1%eth0": FetchOutcome.ADDRESS_ODD,
    "fec0::1": FetchOutcome.ADDRESS_PRIVATE,
    "ff02::1": FetchOutcome.ADDRESS_MULTICAST,
}
NEIGHBOURS = (
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::",
)
MORE_PUBLIC = (
    "8.8.8.8",
    "168.63.129.15",
    "168.63.129.17",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "2000::",
    "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9::",
    "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2003::",
    "2606:4700::5eff:127.0.0.1",
    "2606:4700::1:5efe:127.0.0.1",
    "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::",
)
# Written out again, not imported: a prefix lost from the module must fail here.
REFUSED_IPV4 = [
    IPv4Network(prefix)
    for prefix in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
REFUSED_IN_2000 = [
    IPv6Network(prefix) for prefix in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


@pytest.mark.parametrize(("address", "outcome"), FORBIDDEN.items())
def test_a1_forbidden_address_is_refused_with_its_kind(address: str, outcome: FetchOutcome) -> None:
    """A1: one wrong answer here and a caller reads the metadata service through us."""
    assert classify(address) is outcome


@pytest.mark.parametrize("address", [*NEIGHBOURS, *MORE_PUBLIC])
def test_a1_neighbour_of_a_border_is_allowed(address: str) -> None:
    """A1: a prefix one bit too wide locks real object stores out."""
    assert classify(address) is FetchOutcome.OK


def test_a1_the_tables_have_the_promised_size() -> None:
    """A1 names 49 and 17; a shrinking table would pass its own tests."""
    assert len(FORBIDDEN) == 49
    assert len(NEIGHBOURS) == 17


@given(st.ip_addresses(v=4))
def test_a1_every_ipv4_address_is_judged_as_the_written_table_says(address: IPv4Address) -> None:
    """A1: the whole address space, not only the examples."""
    refused = any(address in network for network in REFUSED_IPV4)
    assert (classify(str(address)) is not FetchOutcome.OK) is refused


@pytest.mark.parametrize("network", REFUSED_IPV4, ids=str)
@given(data=st.data())
def test_a1_every_address_of_a_refused_prefix_is_refused(
    network: Network, data: st.DataObject
) -> None:
    """A1: first, last and anything between."""
    offset = data.draw(st.integers(0, network.num_addresses - 1))
    for address in (network[0], network[offset], network[-1]):
        assert classify(str(address)) is not FetchOutcome.OK


@given(st.ip_addresses(v=6))
def test_a1_ipv6_outside_the_assigned_eighth_is_refused(address: IPv6Address) -> None:
    """A1: only 2000::/3 is handed out to anybody; unknown prefixes must not become holes."""
    assume(address not in IPv6Network("2000::/3"))
    assert classify(str(address)) is not FetchOutcome.OK


@given(st.ip_addresses(network="2000::/3"))
@example(IPv6Address("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"))
@example(IPv6Address("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))
@example(IPv6Address("3fff:0fff:ffff:ffff:ffff:ffff:ffff:ffff"))
def test_a1_ipv6_inside_it_is_judged_as_the_written_table_says(address: IPv6Address) -> None:
    """A1: the whole assigned space."""
    identifier = address.packed[8:12]
    refused = any(address in network for network in REFUSED_IN_2000)
    refused = refused or identifier in (bytes.fromhex("00005efe"), bytes.fromhex("02005efe"))
    assert (classify(str(address)) is not FetchOutcome.OK) is refused


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "1.2.3.4 ", "2606:4700::1%1"])
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    """The dialer must never fall back to a name, which would be resolved again."""
    assert classify(text) is FetchOutcome.ADDRESS_ODD
    assert may_dial(text, [ip_network("0.0.0.0/0"), ip_network("::/0")]) is FetchOutcome.ADDRESS_ODD


def test_an_opened_range_opens_itself_only() -> None:
    """FETCH_ALLOWED_CIDRS is a hole of an exact size."""
    opened = [ip_network("10.20.0.0/16"), ip_network("fd12:3456:789a::/48")]
    assert may_dial("10.20.255.255", opened) is FetchOutcome.OK
    assert may_dial("10.21.0.0", opened) is FetchOutcome.ADDRESS_PRIVATE
    assert may_dial("fd12:3456:789a::1", opened) is FetchOutcome.OK
    assert may_dial("fd12:3456:789b::1", opened) is FetchOutcome.ADDRESS_PRIVATE
    assert may_dial("::ffff:10.20.0.1", opened) is FetchOutcome.ADDRESS_EMBEDDED
    assert may_dial("8.8.8.8", opened) is FetchOutcome.OK


@pytest.mark.parametrize("address", METADATA)
def test_a8_metadata_stays_closed_whatever_is_opened(address: str) -> None:
    """A8: even a policy built past the settings' checks must not open these."""
    everything = [ip_network("0.0.0.0/0"), ip_network("::/0"), ip_network(f"{address}")]
    outcome = may_dial(address, everything)
    assert outcome in {FetchOutcome.ADDRESS_METADATA, FetchOutcome.ADDRESS_LINK_LOCAL}
    assert any(ip_network(address).overlaps(network) for network in NEVER_OPENED_RANGES)
