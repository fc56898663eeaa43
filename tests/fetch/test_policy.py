from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.fetch.addresses import may_dial
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.policy import (
    FetchPolicy,
    HostRule,
    opens,
    parse_allowed_cidrs,
    parse_allowed_hosts,
)
from tests.fetch.hostile import METADATA


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param("", (), id="empty"),
        pytest.param(" , ,", (), id="only commas"),
        pytest.param("Models.Example.com", (HostRule("models.example.com"),), id="host"),
        pytest.param("minio:9000", (HostRule("minio", 9000),), id="host and port"),
        pytest.param(
            ".s3.amazonaws.com",
            (HostRule("s3.amazonaws.com", subdomains=True),),
            id="suffix",
        ),
        pytest.param(
            ".store.internal:8443",
            (HostRule("store.internal", 8443, subdomains=True),),
            id="suffix and port",
        ),
        pytest.param("[FD00::1]:9000", (HostRule("fd00::1", 9000),), id="IPv6 and port"),
        pytest.param(
            "a.example, b.example:81",
            (HostRule("a.example"), HostRule("b.example", 81)),
            id="several",
        ),
    ],
)
def test_host_rules_are_read(text: str, rules: tuple[HostRule, ...]) -> None:
    """These are the three forms that the README documents."""
    assert parse_allowed_hosts(text) == rules


@pytest.mark.parametrize(
    "entry",
    ["*", "*.example.com", "https://example.com", "example.com/x", "user@example.com", ".",
     "..example.com", "example.com:0", "example.com:", "127.1", ".10.0.0.1", ".[fd00::1]",
     "[fe80::1%eth0]", "b\u00fccher.example", "^a.*b$", "a b"],
)  # fmt: skip
def test_a_bad_host_rule_is_named(entry: str) -> None:
    """The operator must see which entry is wrong, not that one of twenty is."""
    with pytest.raises(ValueError, match="is not a host rule") as caught:
        parse_allowed_hosts(f"good.example,{entry}")
    assert repr(entry) in str(caught.value)


def test_a_suffix_means_what_is_below_it_and_nothing_else() -> None:
    """`notexample.com` must not pass for `.example.com`."""
    rule = HostRule("example.com", subdomains=True)
    assert rule.matches("a.example.com")
    assert rule.matches("a.b.example.com")
    assert not rule.matches("example.com")
    assert not rule.matches("notexample.com")
    assert not HostRule("example.com").matches("a.example.com")


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", ()),
        ("127.0.0.1/32", ("127.0.0.1/32",)),
        ("127.0.0.2, ::1", ("127.0.0.2/32", "::1/128")),
        ("10.20.0.0/16,192.168.7.0/24", ("10.20.0.0/16", "192.168.7.0/24")),
        ("100.64.0.0/16", ("100.64.0.0/16",)),
        ("198.18.0.0/16", ("198.18.0.0/16",)),
        ("fd12:3456:789a::/48", ("fd12:3456:789a::/48",)),
    ],
)
def test_ranges_are_read(text: str, networks: tuple[str, ...]) -> None:
    """What a cluster or a test needs can be said."""
    assert parse_allowed_cidrs(text) == tuple(map(ip_network, networks))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("minio", "is not an address range"),
        ("10.0.0.0/33", "is not an address range"),
        ("10.20.1.0/16", "has host bits set"),
        ("010.0.0.0/16", "is not an address range"),
        ("127.0.0.0/8", "more than one loopback address"),
        ("127.0.0.0/31", "more than one loopback address"),
        ("10.0.0.0/8", "an IPv4 entry is /16 or narrower"),
        ("172.16.0.0/15", "an IPv4 entry is /16 or narrower"),
        ("fd12::/32", "an IPv6 entry is /48 or narrower"),
        ("::/96", "an IPv6 entry is /48 or narrower|is no private range"),
        ("8.8.8.0/24", "is no private range"),
        ("224.0.0.0/16", "is no private range"),
        ("::ffff:10.0.0.0/112", "is no private range"),
        ("64:ff9b::/96", "is no private range"),
        ("2606:4700::/48", "is no private range"),
        ("fd00::1%eth0", "has a zone id"),
    ],
)
def test_a_bad_range_is_named_with_its_reason(entry: str, reason: str) -> None:
    """Loopback only as single addresses, nothing wide, nothing that is public anyway."""
    with pytest.raises(ValueError, match=reason) as caught:
        parse_allowed_cidrs(f"10.20.0.0/16,{entry}")
    assert repr(entry) in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    ["0.0.0.0/0", "::/0", "fd00::/8", "169.254.0.0/16", "169.254.169.254/32", "169.254.1.0/24",
     "fe80::/10", "fe80::1", "fd00:ec2::/48", "fd00:ec2::254/128", "fd20:ce::/48",
     "100.100.0.0/16", "100.100.100.200", "168.63.129.16/32", "168.63.0.0/16", "192.0.0.0/24"],
)  # fmt: skip
def test_a8_a_range_over_a_metadata_service_is_refused(entry: str) -> None:
    """A8: this must stop the start; nobody opens credentials on purpose."""
    with pytest.raises(ValueError, match="can never be opened") as caught:
        parse_allowed_cidrs(entry)
    assert repr(entry) in str(caught.value)


@given(
    st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).flatmap(
        lambda address: st.integers(0, address.max_prefixlen).map(
            lambda length: str(ip_network((address, length), strict=False))
        )
    )
)
def test_a8_no_accepted_range_opens_metadata(text: str) -> None:
    """A8, for any range: what passes the parser leaves every metadata address closed."""
    try:
        networks = parse_allowed_cidrs(text)
    except ValueError:
        return
    assert all(may_dial(address, networks) is not FetchOutcome.OK for address in METADATA)


def test_the_default_policy_warns_once_about_any_public_host() -> None:
    """A5, as the contract changes it: open to the public internet, and not silently."""
    (sentence,) = FetchPolicy().cautions()
    assert "FETCH_ALLOWED_HOSTS" in sentence


def test_opened_loopback_is_warned_about() -> None:
    """It is meant for tests; in production it exposes the sidecars."""
    policy = FetchPolicy(
        parse_allowed_hosts("127.0.0.1:9001"), parse_allowed_cidrs("127.0.0.1/32, 10.1.0.0/16")
    )
    (sentence,) = policy.cautions()
    assert "127.0.0.1/32" in sentence
    assert "10.1.0.0/16" not in sentence


def test_a_narrow_policy_needs_no_warning() -> None:
    """A warning that always shows is not read."""
    policy = FetchPolicy(parse_allowed_hosts("h.example"), parse_allowed_cidrs("10.1.0.0/16"))
    assert policy.cautions() == ()


@pytest.mark.parametrize(
    ("address", "setting"),
    [
        ("127.0.0.1", "FETCH_ALLOWED_CIDRS=127.0.0.1/32"),
        ("10.1.2.3", "FETCH_ALLOWED_CIDRS=10.1.2.3/32"),
        ("fd00::2", "FETCH_ALLOWED_CIDRS=fd00::2/128"),
        ("169.254.169.254", None),
        ("fe80::1%eth0", None),
        ("224.0.0.1", None),
        ("no address", None),
    ],
)
def test_the_setting_that_opens_an_address_is_known(address: str, setting: str | None) -> None:
    """What it says can be set as it stands; what nothing opens has none."""
    assert opens(address) == setting
    if setting:
        parse_allowed_cidrs(setting.partition("=")[2])
