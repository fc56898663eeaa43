"""The closed set of answers to "what became of this download?", for log and metric.

The caller learns much less (`failures` holds those sentences). Values are stable: they are the
label values of `pricing_fdm_source_verdicts_total`.
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Why a download went on or ended, as precisely as we know."""

    OK = "ok"
    RECOGNISED = "recognised"

    # The text of the URL, before any name is resolved.
    URL_TOO_LONG = "url_too_long"
    BAD_URL = "bad_url"
    SCHEME = "scheme"
    USER_PART = "user_part"
    ODD_HOST = "odd_host"
    PORT = "port"
    HOST_NOT_LISTED = "host_not_listed"

    # The name.
    UNRESOLVABLE = "unresolvable"
    RESOLVER_TIMEOUT = "resolver_timeout"

    # The address.
    ADDRESS_METADATA = "address_metadata"
    ADDRESS_UNSPECIFIED = "address_unspecified"
    ADDRESS_LOOPBACK = "address_loopback"
    ADDRESS_PRIVATE = "address_private"
    ADDRESS_SHARED = "address_shared"
    ADDRESS_LINK_LOCAL = "address_link_local"
    ADDRESS_MULTICAST = "address_multicast"
    ADDRESS_EMBEDDED = "address_embedded"
    ADDRESS_RESERVED = "address_reserved"
    ADDRESS_ODD = "address_odd"

    # The connection.
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS = "tls"

    # The head of the answer.
    BAD_RESPONSE = "bad_response"
    REDIRECT = "redirect"
    ORIGIN_4XX = "origin_4xx"
    ORIGIN_5XX = "origin_5xx"
    ORIGIN_STATUS = "origin_status"
    ENCODED = "encoded"

    # The body, and time.
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    STALLED = "stalled"
    TOO_SLOW = "too_slow"
    TIMEOUT = "timeout"
