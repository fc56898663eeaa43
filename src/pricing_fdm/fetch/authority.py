"""Reads `host` or `host:port`, and takes every host in one spelling only.

Resolvers turn `127.1`, `0x7f.1`, `2130706433`, `017700000001` and names with ideographic full
stops into addresses that the text does not show. Here a host is a plain ASCII name, four decimal
numbers, or an IPv6 address in brackets; everything else raises. Messages never repeat the text: a
URL pasted in percent-encoding is a "host" that carries the whole signature.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_MAX_NAME = 253
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_MAX_PORT = 65535


class OddHost(ValueError):
    """The host is not in the one spelling we take."""


class OddPort(ValueError):
    """The port is not a plain number from 1 to 65535."""


def parse_authority(text: str) -> tuple[str, int | None]:
    """Split a host from its port.

    Args:
        text: What stands between `://` and the path, without a user part.

    Returns:
        The canonical host (lower-case, IPv6 without brackets) and the port, None if not given.

    Raises:
        OddHost: If the host is empty or spelled in any unusual way.
        OddPort: If there is a colon without a plain port behind it.
    """
    if text.startswith("["):
        literal, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise OddHost("the brackets of the host do not match")
        host, colon, port = _ipv6(literal), rest[:1], rest[1:]
    else:
        name, colon, port = text.partition(":")
        host = _name_or_ipv4(name)
    return host, _port(port) if colon else None


def _ipv6(text: str) -> str:
    if "%" in text:
        raise OddHost("the address has a zone id")
    try:
        return str(IPv6Address(text))
    except AddressValueError:
        raise OddHost("the brackets hold no IPv6 address") from None


def _name_or_ipv4(text: str) -> str:
    if not text.isascii():
        raise OddHost("the host has non-ASCII characters; write it in punycode")
    name = text.lower().removesuffix(".")  # the root of all names; it stays the same host
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
        raise OddHost("the host is no plain name: letters, digits, '-', '_' between single dots")
    # The rule of the WHATWG URL standard: a host that ends in a number is an address.
    last = name.rpartition(".")[2]
    return _ipv4(text.lower()) if last.isdigit() or last.startswith("0x") else name


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise OddHost("the host is an address in an unusual spelling") from None


def _port(text: str) -> int:
    if not _PORT.fullmatch(text) or int(text) > _MAX_PORT:
        raise OddPort("the port is no plain number from 1 to 65535")
    return int(text)
