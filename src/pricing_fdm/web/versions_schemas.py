"""The JSON of the shop's versions."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field


class ShopFault(BaseModel):
    """What is wrong with a shop file."""

    field: str = Field(description="File, line and key.")
    message: str = Field(description="What is wrong, and what would be right.")


class ShopReport(BaseModel):
    """What became of a version of the shop."""

    sound: bool = Field(description="Whether it can be put in force.")
    version: str | None = Field(None, description="Its name, where it is sound.")
    shop_version: str | None = Field(
        None,
        description="What quotes of it carry: another than its name where the environment "
        "outweighs the file.",
    )
    stored: bool = Field(description="Whether it can be activated by its name.")
    in_force: bool = Field(description="Whether it is in force now.")
    faults: list[ShopFault] = Field([], description="Everything that keeps it out.")
    warnings: list[str] = Field([], description="What works and is probably not meant.")
    self_test: str | None = Field(
        None,
        description="What a cube of 10 mm takes on each printer; not there where this process "
        "slices nothing.",
    )


class ActivateRequest(BaseModel):
    """Which version to put in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(strict=True, max_length=64, description="Its name.")


class VersionFact(BaseModel):
    """A stored version."""

    version: str = Field(description="Its name: a hash over the shop file and its presets.")
    stored_at: dt.datetime = Field(description="When it was stored first.")
    size_bytes: int = Field(description="In the store.")
    in_force: bool = Field(description="Whether it is in force now.")


class VersionsResponse(BaseModel):
    """The versions of the shop."""

    in_force: str = Field(description="The name of the shop in force, whether it is stored or not.")
    shop_version: str = Field(description="What quotes carry now.")
    versions: list[VersionFact] = Field(description="The newest first.")
