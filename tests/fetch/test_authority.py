from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.fetch.authority import OddHost, OddPort, parse_authority


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("models.example.com", "models.example.com", None),
        ("Models.EXAMPLE.com:8443", "models.example.com", 8443),
        ("Models.example.com.", "models.example.com", None),
        ("models.example.com.:8443", "models.example.com", 8443),
        ("my_bucket.s3.amazonaws.com", "my_bucket.s3.amazonaws.com", None),
        ("xn--mller-kva.example", "xn--mller-kva.example", None),
        ("3d.example.com", "3d.example.com", None),
        ("minio:9000", "minio", 9000),
        ("127.0.0.1:1", "127.0.0.1", 1),
        ("8.8.8.8:65535", "8.8.8.8", 65535),
        ("[2606:4700::1]", "2606:4700::1", None),
        ("[2606:4700:0:0:0:0:0:1]:443", "2606:4700::1", 443),
        ("[FD00::A]:9000", "fd00::a", 9000),
        (f"{'a' * 63}.example", f"{'a' * 63}.example", None),
    ],
)
def test_plain_hosts_come_out_in_one_spelling(text: str, host: str, port: int | None) -> None:
    """Rules and URLs meet as equal strings, so both must go through here."""
    assert parse_authority(text) == (host, port)


@given(st.ip_addresses(v=4))
def test_each_ipv4_address_has_exactly_one_spelling(address: IPv4Address) -> None:
    """A6: the dotted quad is taken; its integer and hexadecimal forms are not."""
    assert parse_authority(str(address)) == (str(address), None)
    for odd in (str(int(address)), hex(int(address)), f"0{address}", f"{address}."):
        with pytest.raises(OddHost):
            parse_authority(odd)


@given(st.ip_addresses(v=6))
def test_each_spelling_of_an_ipv6_address_becomes_the_canonical_one(address: IPv6Address) -> None:
    """Otherwise a rule for an address would miss its long form."""
    assert parse_authority(f"[{address.exploded}]") == (str(address), None)


@given(st.text(max_size=40))
def test_any_text_is_a_plain_host_or_an_odd_one_and_is_never_repeated(text: str) -> None:
    """F4: a URL pasted in percent-encoding is a "host" that holds the whole signature."""
    secret = f"CANARY{text}"
    try:
        host, port = parse_authority(secret)
    except (OddHost, OddPort) as error:
        refusal = str(error)
    else:
        refusal = ""
        assert host.isascii()
        assert host == host.lower()
        assert parse_authority(host) == (host, None)
        assert port is None or 0 < port < 65536
    assert "canary" not in refusal.lower()
