"""The JSON of a failure; `problems` builds it."""

from __future__ import annotations

from pydantic import BaseModel, Field


class FieldProblem(BaseModel):
    """One wrong field."""

    field: str = Field(description="Its name, with dots where it is in another.")
    message: str = Field(description="What is wrong, and what is allowed.")


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="Where the code is explained, on this server.")
    title: str = Field(description="The code in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What failed, and how to mend it.")
    code: str = Field(description="Stable; what a program should look at.")
    request_id: str = Field(description="As in the header `X-Request-ID` and in our log.")
    errors: list[FieldProblem] | None = Field(
        None, description="The wrong fields; left out where there are none."
    )
    places: list[tuple[float, float, float]] | None = Field(
        None, description="Points of the file that it is about; left out where none are known."
    )
