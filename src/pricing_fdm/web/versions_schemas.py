"""The JSON of the shop's versions."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from pricing_fdm.uploads.shop_versions import PROFILE_NAME


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
    report: list[str] = Field(
        [], description="Of a profile: what became of its presets, as text for people."
    )


class ProfileRequest(BaseModel):
    """A file of a slicer's whose presets the shop should get."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        strict=True,
        pattern=f"^{PROFILE_NAME.pattern}$",
        description="What it is called here, and in messages.",
    )
    profile: str = Field(
        strict=True,
        max_length=8 * 1024 * 1024,
        description="The file in base64: presets or a bundle of OrcaSlicer's or PrusaSlicer's, a "
        "project (3MF), or a G-code of theirs.",
    )
    target: str = Field(
        "",
        alias="as",
        strict=True,
        max_length=80,
        description="`printer`, `quality` or `material:ID`. Left out: a printer where the file "
        "holds one, else for the printers that the presets are for.",
    )
    activate: bool = Field(
        default=False, strict=True, description="Whether to put the version in force at once."
    )


class ProfileFact(BaseModel):
    """A profile that was taken in."""

    name: str = Field(description="As it was given.")
    stored_at: dt.datetime = Field(description="When it was taken in last.")
    size_bytes: int = Field(description="In the store.")


class ProfilesResponse(BaseModel):
    """The profiles that were taken in; the shop may have others."""

    profiles: list[ProfileFact] = Field(description="The newest first.")


class ProfileResponse(BaseModel):
    """A profile that was taken in."""

    name: str = Field(description="As it was given.")
    profile: str = Field(description="The file in base64.")
    target: str = Field(alias="as", description="As it was given; empty where it was left out.")
    version: str = Field(description="The version of the shop that was made with it.")
    report: list[str] = Field(description="What became of its presets, as text for people.")

    model_config = ConfigDict(populate_by_name=True)


class ActivateRequest(BaseModel):
    """Which version to put in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(strict=True, max_length=64, description="Its name.")


class VersionFact(BaseModel):
    """A stored version."""

    version: str = Field(description="Its name: a hash over the shop file and its presets.")
    stored_at: dt.datetime = Field(description="When it was stored last.")
    size_bytes: int = Field(description="In the store.")
    in_force: bool = Field(description="Whether it is in force now.")


class VersionsResponse(BaseModel):
    """The versions of the shop."""

    in_force: str = Field(description="The name of the shop in force, whether it is stored or not.")
    before: str | None = Field(
        description="The version that was in force before the active one: activate it to go back."
    )
    shop_version: str = Field(description="What quotes carry now.")
    versions: list[VersionFact] = Field(description="The newest first.")
