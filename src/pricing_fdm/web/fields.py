"""The kinds of values that bodies hold: URLs, files, figures and money.

Money goes out as JSON numbers: a `Decimal` of two decimals becomes the `float` that prints the
same, here and nowhere before. An `Amount` goes out as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer
from pydantic.fields import FieldInfo

IN_USD = "There when the currency is USD."
"""Describes a field of an amount in dollars."""

Url = Annotated[str, Field(min_length=1, max_length=4096, json_schema_extra={"format": "uri"})]
FileUrl = Annotated[
    Url,
    Field(
        description="Presigned http(s) URL of the model.",
        examples=["https://storage.example.com/models/bracket.stl?X-Amz-Signature=..."],
    ),
]


FilePart = Annotated[
    str,
    Field(
        description="The model.",
        # The second is what generators of clients know a file by.
        json_schema_extra={"contentMediaType": "application/octet-stream", "format": "binary"},
    ),
]
"""Of a form; for the description only, `form` reads it."""


def one_of(codes: Iterable[str]) -> FieldInfo:
    """The codes that there are, for the description."""
    info: FieldInfo = Field(json_schema_extra={"enum": [str(code) for code in codes]})
    return info


def _plain(amount: Decimal) -> str:
    """Without an exponent."""
    return f"{amount:f}"


Figure = Annotated[Decimal, PlainSerializer(float, return_type=float)]
Usd = Figure

Amount = Annotated[Decimal, PlainSerializer(_plain, return_type=str), Field(examples=["59.15"])]
