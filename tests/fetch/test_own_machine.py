"""The machine's own addresses come from the kernel's tables, wherever it stands."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from pricing_fdm.fetch import own_machine
from pricing_fdm.fetch.own_machine import own_names, own_networks

FIB_TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 10.20.0.0
        /16 link UNICAST
     |-- 10.20.3.4
        /32 host LOCAL
     |-- 10.20.255.255
        /32 link BROADCAST
     |-- 127.0.0.0
        /8 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
"""
IF_INET6 = """00000000000000000000000000000001 01 80 10 80       lo
fd000000000000000000000000000002 04 40 00 82     eth0
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
"""


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(own_machine, "_IPV4_TABLE", tmp_path / "fib_trie")
    monkeypatch.setattr(own_machine, "_IPV6_TABLE", tmp_path / "if_inet6")
    return tmp_path


def test_each_address_of_an_interface_is_its_own(tables: Path) -> None:
    """Not its network, its broadcast address, or a link-local one, which no setting opens."""
    (tables / "fib_trie").write_text(FIB_TRIE)
    (tables / "if_inet6").write_text(IF_INET6)
    expected = ("127.0.0.0/8", "::1/128", "10.20.3.4/32", "fd00::2/128")
    assert own_networks() == tuple(map(ip_network, expected))
    assert own_names() >= {"localhost", "127.0.0.1", "::1", "10.20.3.4", "fd00::2"}
    assert not own_names() & {"127.0.0.0", "fe80::fc:ff:fe00:1", "10.20.0.0"}


@pytest.mark.usefixtures("tables")
def test_without_tables_there_is_loopback() -> None:
    """A machine that keeps them from us can still be tried out on."""
    assert own_networks() == tuple(map(ip_network, ("127.0.0.0/8", "::1/128")))
    assert "localhost" in own_names()
