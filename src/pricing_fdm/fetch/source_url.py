"""A URL that has passed the guard, kept so that it cannot be printed by accident.

A presigned URL is a password. Path and query are therefore out of `str`, `repr` and f-strings;
whoever needs them says `reveal_target()`, which is easy to search for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, repr=False)
class SourceUrl:
    """The parts of an admitted URL; what was judged is exactly what is dialled.

    Attributes:
        scheme: `http` or `https`.
        host: Lower-case name, or an address in its canonical form (IPv6 without brackets).
        port: Always given, 1 to 65535.
    """

    scheme: str
    host: str
    port: int
    _target: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a default port: every signer of URLs expects that."""
        return str(self) if self.port == DEFAULT_PORTS[self.scheme] else f"{self}:{self.port}"

    def reveal_target(self) -> bytes:
        """Path and query, secret signature included, byte for byte as the caller wrote them."""
        return self._target.encode("ascii")

    def __str__(self) -> str:
        return (
            f"{self.scheme}://[{self.host}]" if ":" in self.host else f"{self.scheme}://{self.host}"
        )

    def __repr__(self) -> str:
        return f"SourceUrl('{self}')"
