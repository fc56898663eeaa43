"""The names and addresses of the machine that the service runs on, for `pricing-fdm serve --dev`.

Read from the kernel's own tables, with no look-up of a name: it must not depend on a network. Where
there are no such tables, loopback is all there is.
"""

from __future__ import annotations

import os
import re
from ipaddress import IPv6Address, ip_network
from pathlib import Path

from pricing_fdm.fetch.addresses import Network

_IPV4_TABLE = Path("/proc/net/fib_trie")
_IPV6_TABLE = Path("/proc/net/if_inet6")
_LOCAL_IPV4 = re.compile(r"\|-- (\S+)\n\s+/32 host LOCAL")
_LOOPBACK = tuple(map(ip_network, ("127.0.0.0/8", "::1/128")))


def own_names() -> frozenset[str]:
    """What this machine is called in a URL: `localhost`, its host name, its addresses."""
    single = (network for network in own_networks() if network.num_addresses == 1)
    addresses = {str(network.network_address) for network in single}
    return frozenset({"localhost", "127.0.0.1", os.uname().nodename.lower(), *addresses})


def own_networks() -> tuple[Network, ...]:
    """Loopback, and each address of its interfaces."""
    addresses = {*_LOCAL_IPV4.findall(_read(_IPV4_TABLE))}
    for line in _read(_IPV6_TABLE).splitlines():
        addresses.add(str(IPv6Address(bytes.fromhex(line.split()[0]))))
    networks = [ip_network(address) for address in sorted(addresses)]
    others = (each for each in networks if not each.is_loopback and not each.is_link_local)
    return (*_LOOPBACK, *others)


def _read(table: Path) -> str:
    try:
        return table.read_text()
    except OSError:
        return ""
